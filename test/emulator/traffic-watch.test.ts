import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/free-port";
import { type GroupState, type Share, TrafficProbe } from "./support/traffic-probe";
import { TrafficWatch, type Watched } from "./support/traffic-watch";

const ecs = { name: "inference-ecs", running: 2, versions: ["inference-ecs-dev:1"] };
const serves: GroupState = { healthy: 2, serving: [ecs] };
const group = (name: string) => `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123`;

type Probe = Pick<TrafficProbe, "publicShares" | "stateOf">;

/** Says when two more looks have begun, the first of which has been judged then. */
function looking({ publicShares, stateOf }: Probe): Probe & { twoLooks(): Promise<void> } {
  let begun = 0;
  return {
    stateOf,
    publicShares: () => {
      begun++;
      return publicShares();
    },
    twoLooks: async () => {
      for (const enough = begun + 2; begun < enough; ) await sleep(10);
    },
  };
}

describe("The watch over the traffic", () => {
  /** What a watch says of a world that is one thing and then another. */
  async function watched(...worlds: { shares: readonly Share[] | undefined; state?: GroupState }[]): Promise<Watched> {
    let [world] = worlds;
    const probe = looking({
      publicShares: async () => new Map(world?.shares ? [["app/inference/1", world.shares]] : []),
      stateOf: async () => world?.state ?? serves,
    });
    const watch = new TrafficWatch(probe);
    for (const next of worlds) {
      world = next;
      await probe.twoLooks();
    }
    return watch.stop();
  }
  const all: Share[] = [{ group: group("a"), weight: 100 }];

  it("has nothing to say of an update that loses nobody", async () => {
    const both = [
      { group: group("a"), weight: 0 },
      { group: group("b"), weight: 100 },
    ];
    const { faults, served, weights, healthyAtFirst, seen } = await watched(
      { shares: undefined },
      { shares: all },
      { shares: both },
    );
    assert.deepEqual(faults, []);
    assert.deepEqual(served, ["inference-ecs-dev:1"]);
    assert.deepEqual(weights, [0, 100]);
    assert.deepEqual(
      [...healthyAtFirst],
      [
        ["a", 2],
        ["b", 2],
      ],
    );
    assert.ok(seen >= 2);
  });

  const hurts: [what: string, world: Parameters<typeof watched>[0], RegExp][] = [
    [
      "no healthy target",
      { shares: all, state: { ...serves, healthy: 0 } },
      /gives a weight 100; it has no healthy target/,
    ],
    ["no service", { shares: all, state: { ...serves, serving: [] } }, /gives a weight 100; no service is behind it/],
    [
      "no task or pod",
      { shares: all, state: { ...serves, serving: [{ ...ecs, running: 0 }] } },
      /inference-ecs, which runs nothing/,
    ],
    ["no weight", { shares: [{ group: group("a"), weight: 0 }] }, /of app\/inference\/1 sends its requests nowhere/],
    ["no rule any more", { shares: undefined }, /of app\/inference\/1 was gone for a moment/],
  ];
  for (const [what, world, said] of hurts) {
    it(`says that callers met ${what}, though only for a moment`, async () => {
      const { faults } = await watched({ shares: all }, world, { shares: all });
      assert.equal(faults.length, 1, faults.join("\n"));
      assert.match(faults[0] ?? "", said);
    });
  }

  it("counts what was shown for one look alone as not having served", async () => {
    const versions = [1, 2, 1, 1].map((version) => `inference-ecs-dev:${version}`);
    const watch = new TrafficWatch({
      publicShares: async () => new Map([["app/inference/1", all]]),
      stateOf: async () => ({
        healthy: 1,
        serving: [{ ...ecs, versions: [versions.shift() ?? "inference-ecs-dev:1"] }],
      }),
    });
    while (versions.length > 0) await sleep(50);
    assert.deepEqual((await watch.stop()).served, ["inference-ecs-dev:1"]);
  });

  it("tells what serves at the end from what served before, however the rule orders its groups", async () => {
    const inOrder = (...names: string[]): Share[] => names.map((name) => ({ group: group(name), weight: 50 }));
    let shares = inOrder("eks", "ecs");
    const probe = looking({
      publicShares: async () => new Map([["app/inference/1", shares]]),
      stateOf: async (asked) => ({ healthy: 1, serving: [{ ...ecs, versions: [asked] }] }),
    });
    const watch = new TrafficWatch(probe);
    // Seen in two looks that have been judged, it has served.
    await probe.twoLooks();
    await probe.twoLooks();
    shares = inOrder("eks");
    await probe.twoLooks();
    const { served, servesAtLast } = await watch.stop();
    assert.deepEqual(served, [group("eks"), group("ecs")]);
    assert.deepEqual(servesAtLast, [group("eks")]);
  });

  it("asks nothing of a group without weight", async () => {
    const empty = { healthy: 0, serving: [] };
    const shares = [...all, { group: group("b"), weight: 0 }];
    const watch = new TrafficWatch({
      publicShares: async () => new Map([["app/inference/1", shares]]),
      stateOf: async (asked) => (asked === group("b") ? empty : serves),
    });
    await sleep(250);
    assert.deepEqual((await watch.stop()).faults, []);
  });

  it("says that it went blind when nobody answers it", async () => {
    const client = {
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${await freePort()}`,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
      requestHandler: { requestTimeout: 1_000, throwOnRequestTimeout: true },
    };
    const watch = new TrafficWatch(new TrafficProbe(client));
    await assert.rejects(watch.stop(), /the watch went blind after 0 looks: .*ECONNREFUSED/);
  });

  it("counts a look that waits for its answer as one look, not as those that it stood in for", async () => {
    const watch = new TrafficWatch({ publicShares: () => sleep(2_000, new Map()), stateOf: async () => serves });
    const { shareOfLooks } = await watch.stop();
    assert.ok(shareOfLooks < 0.1, `${shareOfLooks} of the looks were made`);
  });
});
