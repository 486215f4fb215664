import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/free-port";
import { type GroupState, type Share, TrafficProbe } from "./support/traffic-probe";
import { type TrafficRecord, TrafficWatch } from "./support/traffic-watch";

const ecs = { name: "inference-ecs", running: 2, versions: ["inference-ecs-dev:1"] };
const serves: GroupState = { healthy: 2, backends: [ecs] };
const group = (name: string) => `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123`;

type Probe = Pick<TrafficProbe, "publicShares" | "stateOf">;

/** A probe that also reports when two more polls have begun, so that the first of them has been recorded. */
function countingPolls({ publicShares, stateOf }: Probe): Probe & { twoPolls(): Promise<void> } {
  let begun = 0;
  return {
    stateOf,
    publicShares: () => {
      begun++;
      return publicShares();
    },
    twoPolls: async () => {
      for (const enough = begun + 2; begun < enough; ) await sleep(10);
    },
  };
}

describe("TrafficWatch", () => {
  /** The record of a watch over these states, one after another. */
  async function watched(
    ...states: { shares: readonly Share[] | undefined; state?: GroupState }[]
  ): Promise<TrafficRecord> {
    let [current] = states;
    const probe = countingPolls({
      publicShares: async () => new Map(current?.shares ? [["app/inference/1", current.shares]] : []),
      stateOf: async () => current?.state ?? serves,
    });
    const watch = new TrafficWatch(probe);
    for (const next of states) {
      current = next;
      await probe.twoPolls();
    }
    return watch.stop();
  }
  const all: Share[] = [{ group: group("a"), weight: 100 }];

  it("reports no fault for an update in which every request has a healthy target", async () => {
    const both = [
      { group: group("a"), weight: 0 },
      { group: group("b"), weight: 100 },
    ];
    const { faults, served, weights, healthyAtFirst, polls } = await watched(
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
    assert.ok(polls >= 2);
  });

  const outages: [what: string, state: Parameters<typeof watched>[0], RegExp][] = [
    [
      "no healthy target",
      { shares: all, state: { ...serves, healthy: 0 } },
      /gives a weight 100; it has no healthy target/,
    ],
    ["no service", { shares: all, state: { ...serves, backends: [] } }, /gives a weight 100; no service is behind it/],
    [
      "no task or pod",
      { shares: all, state: { ...serves, backends: [{ ...ecs, running: 0 }] } },
      /inference-ecs, which runs nothing/,
    ],
    ["no weight", { shares: [{ group: group("a"), weight: 0 }] }, /of app\/inference\/1 sends its requests nowhere/],
    ["no public rule", { shares: undefined }, /of app\/inference\/1 was gone for a moment/],
  ];
  for (const [what, state, expected] of outages) {
    it(`reports a moment with ${what}`, async () => {
      const { faults } = await watched({ shares: all }, state, { shares: all });
      assert.equal(faults.length, 1, faults.join("\n"));
      assert.match(faults[0] ?? "", expected);
    });
  }

  it("does not count a version seen in a single poll as served", async () => {
    const versions = [1, 2, 1, 1].map((version) => `inference-ecs-dev:${version}`);
    const watch = new TrafficWatch({
      publicShares: async () => new Map([["app/inference/1", all]]),
      stateOf: async () => ({
        healthy: 1,
        backends: [{ ...ecs, versions: [versions.shift() ?? "inference-ecs-dev:1"] }],
      }),
    });
    while (versions.length > 0) await sleep(50);
    assert.deepEqual((await watch.stop()).served, ["inference-ecs-dev:1"]);
  });

  it("separates the versions that serve at the end from those before, in any order of groups", async () => {
    const inOrder = (...names: string[]): Share[] => names.map((name) => ({ group: group(name), weight: 50 }));
    let shares = inOrder("eks", "ecs");
    const probe = countingPolls({
      publicShares: async () => new Map([["app/inference/1", shares]]),
      stateOf: async (asked) => ({ healthy: 1, backends: [{ ...ecs, versions: [asked] }] }),
    });
    const watch = new TrafficWatch(probe);
    // A version counts as served after two recorded polls.
    await probe.twoPolls();
    await probe.twoPolls();
    shares = inOrder("eks");
    await probe.twoPolls();
    const { served, servedLast } = await watch.stop();
    assert.deepEqual(served, [group("eks"), group("ecs")]);
    assert.deepEqual(servedLast, [group("eks")]);
  });

  it("ignores the health of a group without weight", async () => {
    const empty = { healthy: 0, backends: [] };
    const shares = [...all, { group: group("b"), weight: 0 }];
    const watch = new TrafficWatch({
      publicShares: async () => new Map([["app/inference/1", shares]]),
      stateOf: async (asked) => (asked === group("b") ? empty : serves),
    });
    await sleep(250);
    assert.deepEqual((await watch.stop()).faults, []);
  });

  it("fails when the load balancer API does not answer", async () => {
    const client = {
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${await freePort()}`,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
      requestHandler: { requestTimeout: 1_000, throwOnRequestTimeout: true },
    };
    const watch = new TrafficWatch(new TrafficProbe(client));
    await assert.rejects(watch.stop(), /the traffic watch failed after 0 polls: .*ECONNREFUSED/);
  });

  it("counts a poll that waits for its answer as one, not as those it delayed", async () => {
    const watch = new TrafficWatch({ publicShares: () => sleep(2_000, new Map()), stateOf: async () => serves });
    const { shareOfPolls } = await watch.stop();
    assert.ok(shareOfPolls < 0.1, `${shareOfPolls} of the polls were made`);
  });
});
