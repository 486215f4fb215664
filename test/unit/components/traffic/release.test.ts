import assert from "node:assert/strict";
import { deploymentError } from "../../../../components/core/problems";
import type { Rollout } from "../../../../components/core/rollout";
import { days } from "../../../../components/core/schedule";
import { checkOtherVariants } from "../../../../components/traffic/other-variants";
import {
  type ReleaseContext,
  returnCountsToAutoscaling,
  waitForDrain,
  waitForGainers,
} from "../../../../components/traffic/release";
import type { Share } from "../../../../components/traffic/starting-replicas";
import { restoreWeights } from "../../../../components/traffic/weights";

type Counts = Record<string, number>;

const usual = { replicas: { min: 2, max: 10 }, schedule: {} };
const shareOf = (id: string, weight: number, spec: Share["spec"] = usual): Share => ({
  id,
  variant: id,
  weight,
  spec,
  targetGroupArn: id,
});

const always = { days, from: "00:00", to: "24:00", timeZone: "UTC", min: 0, max: 0 };
const atZero = { ...usual, schedule: { always } };

/** A load balancer and platforms whose replicas are healthy as soon as the clock has moved on. */
class World {
  readonly said: string[] = [];
  readonly raised: string[] = [];
  readonly released: string[] = [];
  readonly set: object[] = [];
  seconds = 0;
  /** What else happens at a look. */
  each = () => {};

  constructor(
    readonly healthy: Counts,
    readonly live: Counts,
    readonly spec: Share["spec"] = usual,
  ) {}

  get context(): ReleaseContext {
    return {
      deregistrationSeconds: 30,
      api: {
        healthyTargets: async (arn) => this.healthy[arn] ?? 0,
        weights: async () => ({ ...this.live }),
        weightsOfRule: async () => ({ ...this.live }),
        setWeights: async (_rule, weights) => {
          this.set.push(weights);
          Object.assign(this.live, weights);
        },
      },
      log: {
        info: (text) => this.said.push(`info: ${text}`),
        warn: (text) => this.said.push(`warning: ${text}`),
      },
      wait: async (seconds) => {
        this.seconds += seconds;
        this.each();
      },
      now: () => new Date(Date.UTC(2026, 5, 1, 12) + this.seconds * 1000),
    };
  }

  rollout(name: string, own: Partial<Rollout> = {}): Rollout {
    return {
      complete: async () => {},
      raise: async (replicas) => {
        this.raised.push(`${name} ${replicas}`);
        this.healthy[name] = replicas;
        return true;
      },
      holdSeconds: 0,
      release: async () => void this.released.push(name),
      explain: async (summary) => deploymentError(summary),
      ...own,
    };
  }

  release(name: string, weight: number, own: Partial<Rollout> = {}) {
    return { share: shareOf(name, weight, this.spec), rollout: this.rollout(name, own) };
  }

  /** A replica starts within five minutes, as on a new node. */
  wakes(name: string) {
    const started = this.seconds;
    this.each = () => {
      if (this.seconds - started >= 300) this.healthy[name] = 1;
    };
  }

  waitForGainers(releases: readonly ReturnType<World["release"]>[], gainers: readonly string[]) {
    return waitForGainers(
      releases.map(({ share }) => share),
      releases.filter(({ share }) => gainers.includes(share.id)),
      async () => ({ ...this.live }),
      this.context,
    );
  }
}

const failing = (reason: string) => ({ complete: () => Promise.reject(deploymentError(reason)) });

describe("waitForGainers", () => {
  it("does not check a variant that loses traffic, even if it is unhealthy", async () => {
    const world = new World({ ecs: 6, eks: 0 }, { ecs: 50, eks: 50 });
    const releases = [world.release("ecs", 100), world.release("eks", 0, failing("dead"))];
    const { before } = await world.waitForGainers(releases, ["ecs"]);
    assert.deepEqual(before, { ecs: 50, eks: 50 });
  });

  it("fails with the reason of a gaining variant, and returns its count to autoscaling", async () => {
    const world = new World({ ecs: 6 }, { ecs: 100 });
    const releases = [world.release("ecs", 0), world.release("eks", 100, failing("no image"))];
    await assert.rejects(world.waitForGainers(releases, ["eks"]), /^Error: no image$/);
    assert.deepEqual(world.released, ["eks"]);
  });

  it("raises a gaining variant to its share of all serving replicas", async () => {
    const world = new World({ ecs: 5, eks: 5 }, { ecs: 50, eks: 50 });
    await world.waitForGainers([world.release("ecs", 60), world.release("eks", 40)], ["ecs"]);
    assert.deepEqual(world.raised, ["ecs 6"]);
  });

  it("does not raise a variant that is large enough and has load", async () => {
    const world = new World({ ecs: 6, eks: 4 }, { ecs: 50, eks: 50 });
    const { holdSeconds } = await world.waitForGainers([world.release("ecs", 60), world.release("eks", 40)], ["ecs"]);
    assert.deepEqual([world.raised, holdSeconds], [[], 0]);
  });

  it("raises a variant that is large enough but has no load yet, so that autoscaling removes nothing", async () => {
    const world = new World({ ecs: 8, eks: 8 }, { ecs: 100 });
    const { holdSeconds } = await world.waitForGainers([world.release("eks", 100, { holdSeconds: 120 })], ["eks"]);
    assert.deepEqual([world.raised, holdSeconds], [["eks 8"], 120]);
  });

  it("counts again at every poll: load that triples while pods start counts", async () => {
    const world = new World({ ecs: 3, eks: 0 }, { ecs: 100 });
    const slowly = async (replicas: number) => {
      world.raised.push(`eks ${replicas}`);
      return true;
    };
    world.each = () => {
      world.healthy.ecs = 9;
      world.healthy.eks = Math.min((world.healthy.eks ?? 0) + 3, 9);
    };
    await world.waitForGainers([world.release("eks", 100, { raise: slowly })], ["eks"]);
    assert.deepEqual(world.raised, ["eks 3", "eks 9", "eks 9", "eks 9"]);
    assert.equal(world.healthy.eks, 9);
  });

  it("raises to the maximum at most, and fails after ten minutes with the platform's reason", async () => {
    const world = new World({ ecs: 30, eks: 1 }, { ecs: 100 });
    const explain = async (summary: string) => deploymentError(`${summary}; no nodes`);
    const release = world.release("eks", 100, { raise: async () => true, explain });
    await assert.rejects(
      world.waitForGainers([release], ["eks"]),
      /traffic is not ready after 600 s: eks: 1 of 10 replicas are healthy; no nodes/,
    );
    assert.deepEqual(world.released, ["eks"]);
  });

  describe("in a window with 0 replicas", () => {
    const asleep = () => new World({ eks: 4 }, { eks: 100 }, atZero);

    it("needs one healthy replica of a variant that gains traffic", async () => {
      const world = asleep();
      const wakes = { complete: async () => world.wakes("ecs"), raise: async () => false };
      await world.waitForGainers([world.release("ecs", 100, wakes)], ["ecs"]);
      assert.deepEqual([world.healthy.ecs, world.seconds], [1, 300]);
    });

    it("fails when that one does not get healthy, and sends the variant to sleep again", async () => {
      const world = asleep();
      const release = world.release("ecs", 100, { raise: async () => false });
      await assert.rejects(world.waitForGainers([release], ["ecs"]), /ecs: 0 of 1 replicas are healthy/);
      assert.deepEqual(world.released, ["ecs"]);
    });
  });
});

describe("waitForDrain", () => {
  const waits = async (before: Counts, after: Counts, holdSeconds = 0) => {
    const world = new World({}, {});
    await waitForDrain({ before, holdSeconds }, after, world.context);
    return world;
  };

  it("waits for the deregistration delay and five seconds after a weight fell, and reports it", async () => {
    const { seconds, said } = await waits({ ecs: 100 }, { eks: 100 });
    assert.equal(seconds, 35);
    assert.deepEqual(said, ["info: traffic has moved; waiting 35 s while 1 target group(s) finish their requests"]);
  });

  it("does not wait or report when no weight fell", async () => {
    const { seconds, said } = await waits({ ecs: 100 }, { ecs: 100 });
    assert.deepEqual([seconds, said], [0, []]);
  });

  it("keeps raised replicas until autoscaling has measured the load", async () => {
    const { seconds, said } = await waits({}, { eks: 100 }, 120);
    assert.equal(seconds, 120);
    assert.match(said.join(), /waiting 120 s while autoscaling measures the load of the raised replicas/);
  });
});

describe("returnCountsToAutoscaling", () => {
  it("warns and does not fail when it cannot return a count", async () => {
    const world = new World({}, {});
    const release = () => Promise.reject(new Error("no answer"));
    await returnCountsToAutoscaling([world.release("eks", 100, { release }), world.release("ecs", 0)], world.context);
    assert.deepEqual(world.released, ["ecs"]);
    assert.deepEqual(world.said, ["warning: eks: could not return its replica count to autoscaling: no answer"]);
  });
});

describe("restoreWeights", () => {
  const declared = [shareOf("ecs", 50), shareOf("eks", 50)];

  it("reports weights changed by hand beside the declared ones, and restores those", async () => {
    const world = new World({}, { ecs: 100, eks: 0 });
    await restoreWeights("rule", declared, world.context);
    assert.deepEqual(world.set, [{ ecs: 50, eks: 50 }]);
    assert.match(
      world.said.join(),
      /^warning: The public rule has the weights ecs 100, eks 0, but the stack declares ecs 50, eks 50\./,
    );
  });

  it("reads the weights twice: one response may be older than the update", async () => {
    const world = new World({}, { ecs: 100, eks: 0 });
    world.each = () => Object.assign(world.live, { ecs: 50, eks: 50 });
    await restoreWeights("rule", declared, world.context);
    assert.deepEqual([world.set, world.said], [[], []]);
  });

  it("reads the weights once when they are the declared ones", async () => {
    const world = new World({}, { ecs: 50, eks: 50 });
    await restoreWeights("rule", declared, world.context);
    assert.deepEqual([world.seconds, world.set], [0, []]);
  });
});

describe("checkOtherVariants", () => {
  it("fails the update for a variant that has weight, with its reason, after the rule", async () => {
    const world = new World({ eks: 0 }, {});
    const releases = [world.release("eks", 30, failing("was rolled back"))];
    await assert.rejects(
      checkOtherVariants(releases, { eks: 50 }, world.context),
      /The public rule has its declared weights\.\neks has weight 30 and is not healthy:\nwas rolled back/,
    );
  });

  it("warns of a variant at weight 0 and lets the update succeed", async () => {
    const world = new World({ eks: 0 }, {});
    await checkOtherVariants([world.release("eks", 0, failing("was rolled back"))], { eks: 50 }, world.context);
    assert.deepEqual(world.said, ["warning: eks has weight 0 and is not healthy:\nwas rolled back"]);
  });

  it("waits at most a minute for a variant that lost traffic and whose rollout is complete", async () => {
    const world = new World({ eks: 0 }, {});
    await assert.rejects(
      checkOtherVariants([world.release("eks", 10, { raise: async () => false })], { eks: 50 }, world.context),
      /eks is not ready after 60 s: 0 of 2 replicas are healthy/,
    );
  });

  it("raises a variant that keeps its weight but is below its minimum, and waits for it", async () => {
    const world = new World({ ecs: 0 }, {});
    await checkOtherVariants([world.release("ecs", 100)], { ecs: 100 }, world.context);
    assert.deepEqual(world.raised, ["ecs 2"]);
  });

  it("waits ten minutes for the one replica that a window with 0 replicas wakes, whatever its weight was", async () => {
    for (const [weight, before] of [
      [100, 50],
      [0, 0],
    ] as const) {
      const world = new World({ ecs: 0 }, {}, atZero);
      const raise = async () => false;
      const release = world.release("ecs", weight, { complete: async () => world.wakes("ecs"), raise });
      await checkOtherVariants([release], { ecs: before }, world.context);
      assert.deepEqual([world.healthy.ecs, world.said.filter((text) => text.startsWith("warning"))], [1, []]);
    }
  });

  it("fails the update when that one does not start", async () => {
    const world = new World({ ecs: 0 }, {}, atZero);
    const release = world.release("ecs", 100, { raise: async () => false });
    await assert.rejects(
      checkOtherVariants([release], { ecs: 100 }, world.context),
      /ecs is not ready after 600 s: 0 of 1 replicas are healthy/,
    );
  });
});
