import assert from "node:assert/strict";
import { bill, sum } from "../../../components/pricing";
import type { AwsTargetName } from "../../../components/targets";
import { evaluated } from "../../../tools/compare/evaluated";

/** In the order of the figures of each line. */
const regions = ["us-east-1", "eu-west-1", "ap-southeast-1"] as const;

type PerRegion = readonly [number, number, number];

/** A line that the bill of a region does not have: another machine is cheaper there. */
export const none = Number.NaN;

/** Lines of a bill as a person works them out, in cents. */
export type Lines = Readonly<Record<string, PerRegion>>;

interface ExpectedBill {
  readonly target: AwsTargetName;
  readonly load: { readonly replicas: number; readonly requestsPerSecond: number };
  readonly lines: Lines;
  /** Of the lines before they are rounded. */
  readonly sums: PerRegion;
}

const evaluations = new Map<string, ReturnType<typeof evaluated>>();

/** Once, whatever load is priced on it. */
function evaluatedIn(region: string, stack: string, target: AwsTargetName) {
  const key = [region, stack, target].join();
  const found = evaluations.get(key) ?? evaluated(stack, target, { "aws:region": region });
  evaluations.set(key, found);
  return found;
}

const halfACent = 0.005 + 1e-9;

/** Line by line, none missing and none too many, and the sum. */
async function assertBill(
  stack: string,
  { target, load, lines, sums }: ExpectedBill,
  region: (typeof regions)[number],
) {
  const { priceable } = await evaluatedIn(region, stack, target);
  const shares = { ecs: Number(target === "ecs"), eks: Number(target === "eks") };
  const found = bill(priceable, { hours: 730, shares, ...load });
  const column = regions.indexOf(region);
  const expected = Object.keys(lines).filter((item) => !Number.isNaN(lines[item]?.[column]));
  assert.deepEqual(found.map(({ item }) => item).sort(), expected.sort());
  for (const { item, usd, formula } of found) {
    const figure = lines[item]?.[column] ?? Number.NaN;
    assert.ok(Math.abs(usd - figure) <= halfACent, `${item}: ${usd} (${formula}) is not ${figure}`);
  }
  assert.ok(Math.abs(sum(found) - (sums[column] ?? 0)) <= halfACent, `${sum(found)} is not ${sums[column]}`);
}

/** A case for each bill and region, by what is billed. */
export function describeBills(stack: string, bills: Readonly<Record<string, ExpectedBill>>): void {
  for (const [what, expected] of Object.entries(bills))
    describe(`the whole bill of ${stack}, ${what}`, () => {
      for (const region of regions)
        it(`is in ${region} what the arithmetic says`, () => assertBill(stack, expected, region));
    });
}
