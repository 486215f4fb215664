import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bill, measuredRate, rateOf } from "../../../../components/pricing";
import { type Comparison, compare, monthly, perMillion, spent } from "../../../../tools/compare/comparison";
import { evaluated } from "../../../../tools/compare/evaluated";
import { costSummary } from "../../../../tools/compare/render/markdown";
import { text } from "../../../../tools/compare/render/text";
import { span, total } from "../../../../tools/compare/scaling";
import { scenarios, shortage } from "../../../../tools/compare/scenarios";
import { costs } from "../../../../tools/compare/sections";
import { ofType } from "../../../../tools/offline";
import { projectFolder } from "../../../../tools/stack/file";
import { stackSettings } from "../../../../tools/stack/settings";
import { measurement } from "../../../support/measurement";

const spec = { cpuUnits: 1024, scaling: { cpuPercent: 70 }, replicas: { min: 3, max: 12 } } as Parameters<
  typeof scenarios
>[0];

describe("scenarios", () => {
  it("are no load, the load of the mean of the bounds, and the load of replicas.max", () => {
    // A replica of one vCPU carries 7.7 × 70 % = 5.39; (3 + 12) / 2 is 8 replicas
    const found = scenarios(spec, measuredRate).map(({ replicas, requestsPerSecond }) => [
      replicas,
      requestsPerSecond.toFixed(2),
    ]);
    assert.deepEqual(found, [
      [3, "0.00"],
      [8, "43.12"],
      [12, "64.68"],
    ]);
  });

  it("follow --rps within the bounds", () => {
    const replicas = (load: number) => scenarios(spec, measuredRate, load)[1]?.replicas;
    // 5.39 × 4 = 21.56
    assert.deepEqual([replicas(1), replicas(21.5), replicas(21.6), replicas(5000)], [3, 4, 5, 12]);
  });

  it("never exceed what all replicas carry", () => {
    // 12 × 7.7 × 70 %
    for (const asked of [65, 92, 4000]) {
      const [, expected, full] = scenarios(spec, measuredRate, asked);
      assert.equal(expected?.requestsPerSecond.toFixed(2), "64.68");
      assert.equal(full?.requestsPerSecond, expected?.requestsPerSecond);
    }
  });

  it("warn of a load above replicas.max, with the value that suffices", () => {
    // 12 × 5.39 = 64.68 carried, 12 × 7.7 = 92.4 at most; 1000 / 5.39 = 185.5
    assert.equal(shortage(spec, measuredRate, 64), undefined);
    assert.equal(
      shortage(spec, measuredRate, 1000),
      "12 replicas carry 65 requests/s at 70 % CPU and answer at most 92. 1000 requests/s need replicas.max 186. Priced: 65 requests/s.",
    );
  });

  it("follow --per-replica", () => {
    // 100 at most is 70 at 70 % CPU: 141 requests/s need three replicas, two carry 140.
    const rate = rateOf(100, { cpuUnits: 1024 });
    assert.deepEqual(
      [140, 141, 211].map((load) => scenarios(spec, rate, load)[1]?.replicas),
      [3, 3, 4],
    );
    // Half a vCPU that answers 100 is a vCPU that answers 200.
    assert.deepEqual(rateOf(100, { cpuUnits: 512 }), { perVcpu: 200 });
  });
});

describe("compare, with mistakes in the stack", () => {
  it("reports all of them, including target and types that the CLI refuses first", () =>
    assert.rejects(evaluated("dev", "ecs", { target: "esc", replicas: 3, memmory: 1 }), {
      message: [
        "Configuration of stack dev: 3 problems",
        "  unknown key memmory: did you mean memory?",
        '  target is "esc"; expected one of ecs, eks, both, variants, local',
        '  replicas is "3"; expected an object with min, max',
      ].join("\n"),
    }));

  it("reports a missing Dockerfile beside them", () =>
    assert.rejects(evaluated("dev", "ecs", { cpu: 1, build: { dockerfile: "Dockerfle" } }), {
      message: [
        "Configuration of stack dev: 2 problems",
        '  cpu is "1"; expected one of 256, 512, 1024, 2048, 4096, 8192, 16384',
        '  build.dockerfile is "Dockerfle"; expected a file in build.context; app has Dockerfile',
      ].join("\n"),
    }));
});

describe("compare, with a stack that leaves out what only another target needs", function () {
  this.timeout(60_000);

  it("evaluates the cluster of a stack that names no blocks for it, with the same bill", async () => {
    const [named, unnamed] = [await evaluated("dev", "eks"), await evaluated("dev", "eks", { eks: {} })];
    const blocks = ({ plan }: typeof named) => ofType(plan, "eks:index:Cluster")[0]?.inputs.publicAccessCidrs;
    assert.deepEqual([blocks(named), blocks(unnamed)], [["0.0.0.0/0"], ["192.0.2.0/24"]]);
    const lines = ({ priceable, spec }: typeof named) =>
      scenarios(spec, measuredRate).map((load) => bill(priceable, { ...load, ...spent("eks", 730) }));
    assert.deepEqual(lines(unnamed), lines(named));
  });

  it("says why a stack on this machine needs a region and callers", () =>
    assert.rejects(evaluated("local", "ecs"), ({ message }: Error) => {
      assert.match(message, /^Configuration of stack local: 2 problems\n {2}ingressCidrs .*\n {2}aws:region /);
      assert.match(message, /\nThe stack itself needs none of this\. compare prices AWS and evaluates every stack/);
      return true;
    }));
});

describe("a comparison of prod", function () {
  this.timeout(60_000);
  let facts: Comparison;
  before(async () => {
    facts = await compare({ stack: "prod", hours: 730, requestsPerSecond: 20 });
  });

  it("bills shared resources equally on both platforms", () => {
    const shared = (target: "ecs" | "eks") =>
      facts.bills[target].expected.filter(({ side }) => side === "shared").map(({ item, usd }) => [item, usd]);
    assert.deepEqual(shared("ecs"), shared("eks"));
    assert.ok(shared("ecs").length > 4);
  });

  it("notes for scheduled windows that the costs are an average", () => {
    const told = (windows: readonly string[]) => costs({ ...facts, windows }).notes.join("\n");
    assert.match(
      told(["night", "weekend"]),
      /In the scheduled windows \(night, weekend\) the replicas have other bounds, so the costs are the average of a week/,
    );
    assert.doesNotMatch(told([]), /windows/);
    assert.deepEqual(facts.windows, Object.keys(stackSettings("prod").schedule));
  });

  it("costs more with more load, and never less than 0", () => {
    for (const target of ["ecs", "eks"] as const) {
      const [idle, expected, full] = (["idle", "expected", "full"] as const).map((name) =>
        monthly(facts, target, name),
      );
      assert.ok(0 < (idle ?? 0) && (idle ?? 0) < (expected ?? 0) && (expected ?? 0) < (full ?? 0), target);
    }
  });

  it("returns the cost per million inferences: 20 × 3600 × 730 = 52.56 million", () => {
    assert.equal(perMillion(facts, "expected", 525.6)?.toFixed(6), "10.000000");
    assert.equal(perMillion(facts, "idle", 525.6), undefined);
  });

  it("prices nodes with AMX beside any nodes, in USD and per million inferences", () => {
    const full = (name: string) => facts.options.find((option) => option.name === name)?.usd.full ?? Number.NaN;
    assert.ok(full("EKS, AMX") > full("EKS"));
    const row = new RegExp(
      `EKS, AMX .* ${full("EKS, AMX").toFixed(2)} +${perMillion(facts, "full", full("EKS, AMX"))?.toFixed(2)} `,
    );
    assert.match(text(facts), row);
    assert.match(text(facts).replace(/\s+/g, " "), /The CPU of Fargate cannot be chosen\./);
  });

  it("finds the break-even: cheaper at that number of replicas, not at one less", () => {
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

  it("estimates the first URL as the sum of the longest chain, with the cluster as its longest part", () => {
    const { ecs, eks } = facts.firstUrl;
    assert.equal(eks[0]?.what, "Vpc inference");
    const cluster = eks.find(({ what }) => what === "Cluster inference");
    // Median and longest of eleven public logs: 10:12 and 11:23.
    assert.deepEqual([cluster?.seconds, cluster?.most], [612, 683]);
    assert.ok(total(eks).least > total(ecs).most);
    const printed = text(facts).replace(/\s+/g, " ");
    for (const waits of [ecs, eks]) assert.ok(printed.includes(span(total(waits))), span(total(waits)));
    assert.match(eks.at(-1)?.what ?? "", /^\d+ smaller resources$/);
  });

  it("estimates a further replica on ECS from AWS's figures and --image-mb", async () => {
    const { ecs, eks } = facts.scaleOut;
    // 386 s to a provisioned task: 363 s to the decision and 23 s to start it. 350 MB: (70 - 23) / 900 to (57 - 23) / 413 s a MB.
    assert.equal((ecs[0]?.seconds ?? 0) + (ecs[1]?.seconds ?? 0), 386);
    const pulled = (waits: typeof ecs) => waits.find(({ what }) => what.endsWith("MB pulled"));
    const rounded = ({ seconds = 0, most = 0 } = {}) => [seconds.toFixed(1), most.toFixed(1)];
    assert.deepEqual(rounded(pulled(ecs)), ["18.3", "28.8"]);
    assert.deepEqual(pulled(eks), pulled(ecs));
    const large = await compare({ stack: "prod", hours: 730, imageMb: 3000 });
    assert.deepEqual(rounded(pulled(large.scaleOut.eks)), ["156.7", "247.0"]);
    // 3 GB × 0.10 a month
    const image = large.bills.ecs.idle.find(({ item }) => item === "Image in the repository");
    assert.equal(image?.usd.toFixed(2), "0.30");
  });

  it("notes that metrics of 20 seconds are not built, as long as the provider has no argument for them", () => {
    const service = readFileSync(join(projectFolder, "node_modules/@pulumi/aws/ecs/service.d.ts"), "utf8");
    assert.doesNotMatch(service, /\bmonitoring\??:/, "ecs.Service can set resolutionSeconds now: build it");
    // 363 - 86 = 277 s less
    const { least } = total(facts.scaleOut.ecs);
    const [sooner, ...others] = facts.sooner;
    assert.deepEqual(others, []);
    assert.equal(sooner?.target, "ecs");
    assert.equal(sooner?.span.least, least - 277);
    assert.ok(text(facts).includes(span(sooner.span)));
  });

  it("names a source for every wait", () => {
    const waits = [facts.firstUrl.ecs, facts.firstUrl.eks, facts.scaleOut.ecs, facts.scaleOut.eks].flat();
    assert.deepEqual(
      waits.filter(({ from }) => from === ""),
      [],
    );
  });

  it("names the machines in its first line, and lists what the bill leaves out", () => {
    const [first] = text(facts).split("\n");
    assert.equal(first, "Stack prod in us-east-1: Fargate against EC2 under EKS Auto Mode");
    const printed = text(facts).replace(/\s+/g, " ");
    for (const named of ["Savings Plans", "Fargate Spot", "traffic between zones", "ECS Managed Instances"])
      assert.ok(printed.includes(named), named);
  });

  describe("with a measurement of the stack's own container", () => {
    let own: Comparison;
    before(async () => {
      own = await compare({ stack: "prod", hours: 730, measurement });
    });
    const notes = (of: Comparison) => costs(of).notes.join("\n");

    it("takes its rate: 15.4 × 70 % of one vCPU", () => assert.equal(own.steadyRequestsPerSecond.toFixed(2), "10.78"));

    it("takes its start and the size of its image for a further replica", () => {
      const wait = (what: RegExp) => own.scaleOut.ecs.find((one) => what.test(one.what));
      assert.deepEqual([wait(/^server ready/)?.seconds, wait(/pulled$/)?.what], [42, "image of 3000 MB pulled"]);
      assert.match(wait(/^server ready/)?.from ?? "", /^measured by npm run measure on 2026-11-29/);
    });

    it("bills its bytes: 200 and 300, so that connections decide the load balancer's capacity", () => {
      const line = own.bills.ecs.full.find(({ item }) => item === "Load balancer, capacity");
      // 12 × 10.78 / 25 = 5.1744 LCU × 730 × 0.008
      assert.equal(line?.usd.toFixed(2), "30.22");
    });

    it("says whose figures it shows", () => {
      assert.match(
        notes(own),
        /carries 11 requests\/s at 70 % CPU: measured by npm run measure on 2026-11-29, ghcr\.io/,
      );
      assert.doesNotMatch(notes(own), /npm run measure, or --per-replica/);
      assert.match(
        notes(facts),
        /: our server with a model as heavy as ResNet50\. .* npm run measure, or --per-replica/,
      );
      assert.match(costSummary([facts]), /\n\nRequests\/s: our server with a model as heavy as ResNet50\.$/);
      assert.match(
        costSummary([facts, own]),
        /Requests\/s: prod, our server .* ResNet50; prod, measured by npm run measure on 2026/,
      );
    });

    it("lets --per-replica and --image-mb win", async () => {
      const asked = { stack: "prod", hours: 730, measurement, perReplica: 100, imageMb: 10 };
      const hand = await compare(asked);
      assert.deepEqual([hand.steadyRequestsPerSecond, hand.imageMb], [70, 10]);
      assert.match(notes(hand), /by --per-replica 100\./);
    });
  });

  it("gives its own numbers as reasons", () => {
    const [ecs, eks] = [monthly(facts, "ecs", "expected"), monthly(facts, "eks", "expected")];
    assert.ok(facts.advice[0]?.includes(`${(eks - ecs).toFixed(2)} USD less`), facts.advice[0]);
    assert.ok(facts.advice[0]?.includes(`${ecs.toFixed(2)} against ${eks.toFixed(2)}`));
  });

  it("answers every row of the matrix for both platforms, with the source", () => {
    const asked = facts.matrix.map(({ about }) => about);
    for (const about of ["portability", "ecosystem", "scaling", "blue/green, A/B", "spot", "GPU", "daemon sets"])
      assert.ok(asked.includes(about), about);
    assert.ok(facts.matrix.every(({ ecs, eks }) => ecs !== "" && eks !== ""));
    const row = (about: string) => facts.matrix.find((one) => one.about === about);
    assert.match(row("machines to patch")?.eks ?? "", /after 14 days, 21 at most$/);
    assert.match(row("version to keep up")?.ecs ?? "", /retires tasks/);
    for (const about of ["GPU", "daemon sets"]) assert.match(row(about)?.ecs ?? "", /Managed Instances/);
  });

  it("warns of old prices", async () => {
    const { lookedUp } = facts.prices;
    const warningsAfter = async (days: number) => {
      const today = new Date(Date.parse(lookedUp) + days * 24 * 60 * 60 * 1000);
      return (await compare({ stack: "dev", hours: 730 }, today)).warnings;
    };
    assert.match((await warningsAfter(200))[0] ?? "", /^prices of this bill are up to 200 days old/);
    assert.deepEqual(await warningsAfter(10), []);
  });
});
