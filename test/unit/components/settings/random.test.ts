import assert from "node:assert/strict";
import fc from "fast-check";
import { describeProblems } from "../../../../components/core/problems";
import { serviceSpec } from "../../../../components/core/service-spec";
import { type Parsed, parseSettings } from "../../../../components/settings";
import { keys } from "../../../../components/settings/keys";

const names = Object.keys(keys);
const prototypeNames = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"];
const fields = [
  "min",
  "max",
  "cpuPercent",
  "days",
  "from",
  "to",
  "timeZone",
  "cidr",
  "zones",
  "nat",
  "vpcId",
  "publicSubnetIds",
];

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  { weight: 2, arbitrary: fc.constantFrom(...prototypeNames) },
  { weight: 2, arbitrary: fc.constantFrom(...names).map((known) => `${known.slice(0, -1)}x`) },
  { weight: 1, arbitrary: fc.string() },
);

const word = fc.constantFrom(
  ...[
    "ecs",
    "local",
    "both",
    "build",
    "bundled",
    "arm64",
    "1024",
    "-1",
    "1e9",
    "NaN",
    "true",
    "null",
    "[]",
    "{}",
    "mon",
  ],
  ...["08:00", "24:00", "UTC", "Europe/Berlin", "10.0.0.0/16", "0.0.0.0/0", "vpc-0123abcd", "subnet-0123abcd", "one"],
);
const scalar = fc.oneof(
  word,
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, 256, 512, 2048),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie("value"), { maxLength: 4 }), tie("record")),
  record: fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...fields, ...prototypeNames), fc.string()), tie("value")), {
      maxLength: 5,
    })
    .map((entries) => Object.fromEntries(entries)),
}));

/** As itself, as the JSON text that the engine makes of it, or as text that only begins like that. */
const given = value.chain((plain) => {
  const text = JSON.stringify(plain) ?? "";
  return fc.constantFrom<unknown>(plain, plain, text, text.slice(0, -1));
});

const garbage = fc.array(fc.tuple(name, given), { maxLength: 6 });
const own = (entries: readonly (readonly [string, unknown])[]) =>
  Object.fromEntries([
    ["aws:region", "eu-west-1"],
    ["inference:ingressCidrs", ["0.0.0.0/0"]],
    ...entries.map(([key, item]) => [`inference:${key}`, item]),
  ]);

function frozen(item: unknown): boolean {
  return typeof item !== "object" || item === null || (Object.isFrozen(item) && Object.values(item).every(frozen));
}

/** Settings that work to the end, or problems that can be read. */
function judge(parsed: Parsed): "settings" | "problems" {
  if ("settings" in parsed) {
    assert.ok(frozen(parsed.settings));
    JSON.stringify(serviceSpec(parsed.settings));
    return "settings";
  }
  assert.ok(parsed.problems.length > 0);
  for (const { key, expected } of parsed.problems) assert.ok(key !== undefined && expected.length > 0);
  assert.match(describeProblems("x", parsed.problems), / problems?\n {2}/);
  return "problems";
}

describe("parseSettings with 10,000 random configurations", () => {
  it("returns settings or problems, and never throws", function () {
    this.timeout(180_000);
    const seen = { settings: 0, problems: 0 };
    fc.assert(
      fc.property(garbage, (entries) => {
        seen[judge(parseSettings(own(entries), { project: "inference", stack: "test" }))]++;
      }),
      { numRuns: 10_000 },
    );
    assert.ok(seen.settings > 50 && seen.problems > 1_000, `both have to occur: ${JSON.stringify(seen)}`);
  });

  it("accepts or refuses huge values", () => {
    const huge = "x".repeat(1_000_000);
    for (const key of [...names, huge]) {
      for (const item of [huge, { [huge]: 1 }, [huge], { min: huge }]) {
        judge(parseSettings(own([[key, item]]), { project: "inference", stack: "test" }));
      }
    }
  });

  it("never changes Object.prototype", () => {
    const pollution = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    for (const key of names) parseSettings(own([[key, pollution]]), { project: "inference", stack: "test" });
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
});
