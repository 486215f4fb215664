import assert from "node:assert/strict";
import { type Comparison, compare, monthly, perMillion } from "../../../tools/compare/comparison";
import { evaluated, settingsOf } from "../../../tools/compare/evaluated";
import { scenarios, shortage } from "../../../tools/compare/scenarios";
import { costs } from "../../../tools/compare/sections";

const spec = { cpuUnits: 1024, scaling: { cpuPercent: 70 }, replicas: { min: 3, max: 12 } } as Parameters<
  typeof scenarios
>[0];

describe("the loads that are compared", () => {
  it("are none, what the middle of the bounds carries, and what their end carries", () => {
    // A replica of one vCPU carries 7.7 × 70 % = 5.39; (3 + 12) / 2 is 8 replicas
    const found = scenarios(spec).map(({ replicas, requestsPerSecond }) => [replicas, requestsPerSecond.toFixed(2)]);
    assert.deepEqual(found, [
      [3, "0.00"],
      [8, "43.12"],
      [12, "64.68"],
    ]);
  });

  it("follow the asked load, within the bounds", () => {
    const replicas = (load: number) => scenarios(spec, load)[1]?.replicas;
    // 5.39 × 4 = 21.56
    assert.deepEqual([replicas(1), replicas(21.5), replicas(21.6), replicas(5000)], [3, 4, 5, 12]);
  });

  it("are what the most replicas answer at most, where more is asked", () => {
    // 12 × 7.7
    assert.equal(scenarios(spec, 1000)[1]?.requestsPerSecond.toFixed(1), "92.4");
  });

  it("that no bound allows are told, with the bound that would", () => {
    // 12 × 7.7 = 92.4 at most; 1000 / 5.39 = 185.5
    assert.equal(shortage(spec, 92), undefined);
    assert.equal(shortage(spec, 1000), "12 replicas answer at most 92 requests/s; 1000 need replicas.max 186");
  });
});

describe("a comparison of a stack with mistakes", () => {
  it("reports all of them, those of target and those of a type that the CLI refuses first included", () =>
    assert.rejects(evaluated("dev", "ecs", { target: "esc", replicas: 3, memmory: 1 }), {
      message: [
        "Configuration of stack dev: 3 problems",
        "  unknown key memmory: did you mean memory?",
        '  target is "esc"; expected one of ecs, eks, both, variants, local',
        '  replicas is "3"; expected an object with min, max',
      ].join("\n"),
    }));
});

describe("a comparison of prod", function () {
  this.timeout(60_000);
  let facts: Comparison;
  before(async () => {
    facts = await compare({ stack: "prod", hours: 730, requestsPerSecond: 20 });
  });

  it("bills the same for what both platforms share", () => {
    const shared = (target: "ecs" | "eks") =>
      facts.bills[target].expected.filter(({ side }) => side === "shared").map(({ item, usd }) => [item, usd]);
    assert.deepEqual(shared("ecs"), shared("eks"));
    assert.ok(shared("ecs").length > 4);
  });

  it("says where there are windows that ECS's cost is an average and EKS knows none", () => {
    const told = (windows: readonly string[]) => costs({ ...facts, windows }).notes.join("\n");
    assert.match(
      told(["night", "weekend"]),
      /In its windows \(night, weekend\) ECS .* average of a week\. EKS .* all hours/,
    );
    assert.doesNotMatch(told([]), /windows/);
    assert.deepEqual(facts.windows, Object.keys(settingsOf("prod", {}).schedule));
  });

  it("costs more with more load, and never less than nothing", () => {
    for (const target of ["ecs", "eks"] as const) {
      const [idle, expected, full] = (["idle", "expected", "full"] as const).map((name) =>
        monthly(facts, target, name),
      );
      assert.ok(0 < (idle ?? 0) && (idle ?? 0) < (expected ?? 0) && (expected ?? 0) < (full ?? 0), target);
    }
  });

  it("says what a million inferences cost: 20 × 3600 × 730 = 52.56 million", () => {
    assert.equal(perMillion(facts, "expected", 525.6)?.toFixed(6), "10.000000");
    assert.equal(perMillion(facts, "idle", 525.6), undefined);
  });

  it("finds the replicas at which one way gets cheaper than another: there it is, one before it is not", () => {
    const found = facts.breakEvens.filter(({ replicas }) => replicas !== undefined && replicas > 1);
    assert.ok(found.length > 0);
    for (const { cheaperBelow, cheaperFrom, replicas = 0 } of found) {
      const usd = (name: string, count: number) => facts.curves.find((curve) => curve.name === name)?.usd[count - 1];
      const [below, from] = [usd(cheaperBelow, replicas), usd(cheaperFrom, replicas)];
      if (below === undefined || from === undefined) continue;
      assert.ok(from <= below && (usd(cheaperFrom, replicas - 1) ?? 0) > (usd(cheaperBelow, replicas - 1) ?? 0));
    }
  });

  it("counts each resource once: as shared, or as a platform's own", () => {
    const row = (type: string) => facts.resources.find((resource) => resource.type === type);
    assert.deepEqual(row("aws:lb/loadBalancer:LoadBalancer"), {
      type: "aws:lb/loadBalancer:LoadBalancer",
      shared: 1,
      ecs: 0,
      eks: 0,
    });
    assert.deepEqual(row("aws:ecs/service:Service"), { type: "aws:ecs/service:Service", shared: 0, ecs: 1, eks: 0 });
    assert.deepEqual(row("eks:index:Cluster"), { type: "eks:index:Cluster", shared: 0, ecs: 0, eks: 1 });
  });

  it("estimates the first URL by the longest chain, of which the cluster is the longest link", () => {
    const { seconds, path } = facts.firstUrl.eks;
    assert.deepEqual(path[0], { what: "Vpc inference", seconds: 150 });
    assert.ok(path.some(({ what }) => what === "Cluster inference"));
    assert.ok(seconds >= path.reduce((sum, step) => sum + step.seconds, 0) && seconds > facts.firstUrl.ecs.seconds);
  });

  it("gives reasons that are its own numbers", () => {
    const [ecs, eks] = [monthly(facts, "ecs", "expected"), monthly(facts, "eks", "expected")];
    assert.ok(facts.advice[0]?.includes(`${(eks - ecs).toFixed(2)} USD less`), facts.advice[0]);
    assert.ok(facts.advice[0]?.includes(`${ecs.toFixed(2)} against ${eks.toFixed(2)}`));
  });

  it("answers every row of the matrix for both, and says how that is known", () => {
    const asked = facts.matrix.map(({ about }) => about);
    for (const about of ["portability", "ecosystem", "scaling", "blue/green, A/B", "spot", "GPU", "daemon sets"])
      assert.ok(asked.includes(about), about);
    assert.ok(facts.matrix.every(({ ecs, eks }) => ecs !== "" && eks !== ""));
  });

  it("says when its prices are old", async () => {
    const { lookedUp } = facts.prices;
    const later = new Date(Date.parse(lookedUp) + 200 * 24 * 60 * 60 * 1000);
    const { warnings } = await compare({ stack: "dev", hours: 730 }, later);
    assert.match(warnings[0] ?? "", /^prices of this bill are up to 200 days old/);
    assert.deepEqual(facts.warnings, []);
  });
});
