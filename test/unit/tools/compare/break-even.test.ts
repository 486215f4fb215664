import assert from "node:assert/strict";
import { measuredRate } from "../../../../components/pricing";
import { advice } from "../../../../tools/compare/advice";
import { breakEvens } from "../../../../tools/compare/break-even";
import type { Comparison } from "../../../../tools/compare/comparison";

const spec = { cpuUnits: 1024, scaling: { cpuPercent: 70 } } as Parameters<typeof breakEvens>[1];
const option = (name: string, usd: (replicas: number) => number) => ({
  name,
  how: "",
  usd: ({ replicas }: { replicas: number }) => usd(replicas),
});
const between = (fargate: (replicas: number) => number, eks: (replicas: number) => number) =>
  breakEvens([option("Fargate", fargate), option("EKS", eks)], spec, measuredRate).find(
    ({ cheaperBelow, cheaperFrom }) => cheaperBelow === "Fargate" && cheaperFrom === "EKS",
  );

describe("breakEvens", () => {
  it("returns the replicas from which the second option stays cheaper, not a shorter range", () => {
    // Cheaper at 20 alone, and from 50 on.
    const found = between(
      (replicas) => replicas * 10,
      (replicas) => (replicas === 20 || replicas >= 50 ? 1 : 100_000),
    );
    // 50 × 7.7 × 70 %
    assert.deepEqual([found?.replicas, found?.requestsPerSecond?.toFixed(1)], [50, "269.5"]);
  });

  it("returns 1 when the second option is always cheaper, and undefined when it never stays cheaper", () => {
    assert.equal(
      between(
        () => 2,
        () => 1,
      )?.replicas,
      1,
    );
    assert.equal(
      between(
        () => 1,
        (replicas) => (replicas === 1000 ? 2 : 0),
      )?.replicas,
      undefined,
    );
  });
});

describe("advice", () => {
  const line = { usd: 1 } as Comparison["bills"]["ecs"]["idle"][number];
  const bills = { idle: [line], expected: [line], full: [line] };
  const facts = {
    bills: { ecs: bills, eks: bills },
    steadyRequestsPerSecond: 5.39,
    firstUrl: { ecs: [], eks: [] },
    scaleOut: { ecs: [], eks: [] },
    sooner: [],
    scenarios: [],
  } as unknown as Comparison;
  const turned = (replicas?: number) =>
    advice({ ...facts, breakEvens: [{ cheaperBelow: "Fargate", cheaperFrom: "EKS", replicas }] })[1];

  it("names the same break-even as the table", () => {
    assert.match(turned(50) ?? "", /^At on-demand prices EKS costs less from 50 busy replicas on \(270 requests\/s\)/);
    assert.match(turned(1) ?? "", /^At on-demand prices EKS costs less from the first replica on\.$/);
    assert.match(turned() ?? "", /^At on-demand prices Fargate stays cheaper up to 1,000 replicas\.$/);
  });

  const replicas = (ecs: number, eks: number, most = eks) =>
    advice({
      ...facts,
      breakEvens: [],
      scaleOut: { ecs: [{ what: "", seconds: ecs, from: "" }], eks: [{ what: "", seconds: eks, most, from: "" }] },
    })[3];

  it("names the faster platform only when the two ranges do not overlap", () => {
    assert.equal(
      replicas(430, 115, 180),
      "A further replica is ready sooner on EKS: in about 115-180 s instead of 430 s (estimates).",
    );
    assert.match(replicas(150, 115, 180) ?? "", /^A further replica takes about as long on both: 150 s on ECS Fargate/);
  });
});
