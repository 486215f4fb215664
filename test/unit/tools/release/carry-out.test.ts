import assert from "node:assert/strict";
import { carryOut, type Stage, takeBack } from "../../../../tools/release/carry-out";
import { type Before, inPlace, type Plan, planned } from "../../../../tools/release/plan";
import { unexpected } from "../../../../tools/release/preview-gate";
import type { Shares } from "../../../../tools/release/shares";
import { edited, isAdded } from "../../../../tools/release/stack-file";

const image = (letter: string) => `ghcr.io/team/model@sha256:${letter.repeat(64)}`;
const place = { file: "Pulumi.prod.yaml", project: "inference" };
const original = `config:\n  cpu: 512 # small\n  image: ${image("a")}\n`;
const before: Before = {
  base: { image: image("a"), variants: {} },
  target: "ecs",
  variants: [{ name: "ecs", target: "ecs", weight: 100 }],
};
const plan = planned({ image: image("b") }, before, [50, 100], { ecs: 100 });

/** A stack whose updates do what the stack file says, except where a test says otherwise. */
class World {
  text = original;
  live: Shares = { ecs: 100 };
  readonly messages: string[] = [];
  readonly told: string[] = [];
  readonly baked: (readonly string[])[] = [];
  readonly interrupted = new AbortController();
  goesBack = true;
  /** What a preview announces, and what an update and a bake do, by their number from 1. */
  changes: (preview: number) => readonly { op: string; urn: string }[] = () => [];
  up: (update: number) => Partial<{ succeeded: boolean; lock: string; moves: boolean }> = () => ({});
  verdict: (bake: number) => string | undefined = () => undefined;
  /** Throws what a reading of the load balancer throws, by its number from 1. */
  reads: (reading: number) => void = () => {};
  waited = 0;
  private readings = 0;
  private previews = 0;

  readonly stage = (): Stage => ({
    file: {
      name: place.file,
      read: () => this.text,
      write: (text) => {
        this.text = text;
      },
    },
    edited: (text, edits) => edited(text, edits, place),
    isAdded: (text, key) => isAdded(text, key, place),
    pulumi: {
      preview: async () => [...this.changes(++this.previews)],
      up: async (message) => {
        this.messages.push(message.replaceAll(/[ab]{64}/g, ([letter]) => letter ?? ""));
        const { succeeded = true, lock, moves = lock === undefined } = this.up(this.messages.length);
        if (moves) this.live = this.declared();
        return { succeeded: succeeded && lock === undefined, lock };
      },
    },
    unexpected: (kind, changes) => unexpected(kind, changes, { root: "inference", variants: ["ecs"], leaving: [] }),
    live: async () => {
      this.reads(++this.readings);
      return this.live;
    },
    wait: async (seconds) => {
      this.waited += seconds;
    },
    bake: async (gainers) => {
      this.baked.push(gainers);
      return this.verdict(this.baked.length);
    },
    tell: (text) => this.told.push(text),
    who: "ann@laptop",
    imageBefore: image("a"),
    goesOnWith: "the same command",
    interruption: { signal: this.interrupted.signal, goesBack: async () => this.goesBack },
  });

  private declared(): Shares {
    const weights = [...this.text.matchAll(/([a-z-]+): \{ target: ecs, weight: (\d+)/g)];
    const found = weights.map(([, name = "", weight]) => [name, Number(weight)] as const);
    return found.length > 0 ? Object.fromEntries(found) : { ecs: 100 };
  }
}

const fails = (world: World, expected: RegExp, what: Plan = plan) =>
  assert.rejects(carryOut(what, world.stage()), expected);
const isBack = (world: World) => {
  assert.equal(world.text, original);
  assert.deepEqual(world.live, { ecs: 100 });
  assert.equal(world.messages.at(-1), "went back from ghcr.io/team/model@sha256:b, by ann@laptop");
};

describe("release: carry out", () => {
  it("previews, updates, checks the load balancer and watches each step", async () => {
    const world = new World();
    await carryOut(plan, world.stage());
    assert.deepEqual(world.messages, [
      "release ghcr.io/team/model@sha256:b: start (1 of 4), by ann@laptop",
      "release ghcr.io/team/model@sha256:b: 50 % (2 of 4), by ann@laptop",
      "release ghcr.io/team/model@sha256:b: 100 % (3 of 4), by ann@laptop",
      "released ghcr.io/team/model@sha256:b, before ghcr.io/team/model@sha256:a, by ann@laptop",
    ]);
    assert.deepEqual(world.baked, [["ecs-next"], ["ecs-next"]]);
    assert.equal(world.text, original.replace(image("a"), image("b")));
  });

  it("an alarm takes everything back, and the reason is the error", async () => {
    for (const number of [1, 2]) {
      const world = new World();
      world.verdict = (bake) => (bake === number ? "ecs-next: alarm slow fires" : undefined);
      await fails(
        world,
        /^Error: The release of .* went back: ecs-next: alarm slow fires\nThe load balancer has ecs 100 %, and/,
      );
      isBack(world);
    }
  });

  it("a release that cannot be watched goes back", async () => {
    const world = new World();
    world.verdict = () => {
      throw new Error("Throttling");
    };
    await fails(world, /went back: it could not be watched: Throttling/);
    isBack(world);
  });

  const throttled = () => {
    throw new Error("Throttling");
  };

  it("a load balancer that answers the third time is no reason to go back", async () => {
    const world = new World();
    world.reads = (reading) => reading % 3 !== 0 && throttled();
    await carryOut(plan, world.stage());
    assert.equal(world.text, original.replace(image("a"), image("b")));
    assert.equal(world.waited, 4 * 2 * 5);
  });

  it("a load balancer that cannot be read after a step takes everything back", async () => {
    const world = new World();
    world.reads = () => world.text.includes("weight: 50") && throttled();
    await fails(world, /went back: the load balancer could not be read in 3 tries: Throttling\nThe load/);
    isBack(world);
    assert.deepEqual(world.baked, []);
  });

  it("a load balancer that cannot be read after going back leaves the reason, and what is known", async () => {
    const world = new World();
    world.verdict = () => "ecs-next: alarm slow fires";
    world.reads = () => world.baked.length > 0 && throttled();
    await fails(
      world,
      /failed: ecs-next: alarm slow fires\nThe update that goes back succeeded\. The shares are unknown: .*: Throttling\. .*declares ecs 100 %/,
    );
    isBack(world);
  });

  it("an interruption while the load balancer cannot be read says so", async () => {
    const world = new World();
    world.goesBack = false;
    world.up = (update) => {
      if (update === 2) world.interrupted.abort();
      return {};
    };
    world.reads = () => world.interrupted.signal.aborted && throttled();
    await fails(world, /^Error: Stopped: interrupted\. The shares are unknown: .*: Throttling\. Run the/);
  });

  for (const number of [1, 2, 3, 4]) {
    it(`update ${number}: a failure takes everything back`, async () => {
      const world = new World();
      world.up = (update) => ({ succeeded: update !== number });
      await fails(world, /went back: pulumi up failed, for the reason above/);
      isBack(world);
    });

    it(`update ${number}: an interruption goes back, or stops and says where it is`, async () => {
      for (const goesBack of [true, false]) {
        const world = new World();
        world.goesBack = goesBack;
        world.up = (update) => {
          if (update !== number) return {};
          world.interrupted.abort();
          return { succeeded: number < 4 };
        };
        await fails(
          world,
          goesBack ? /went back: interrupted/ : /^Error: Stopped: interrupted\. The load balancer has ecs/,
        );
        if (goesBack) isBack(world);
        else assert.equal(world.messages.length, number);
      }
    });

    it(`update ${number}: a lock of somebody else changes nothing, and names the holder`, async () => {
      const world = new World();
      const texts: string[] = [];
      world.up = (update) => {
        texts.push(world.text);
        return update === number ? { lock: "locked by ann@laptop" } : {};
      };
      await fails(world, /^Error: locked by ann@laptop\nNothing of this step was done/);
      assert.equal(world.messages.length, number, "nobody's lock is cancelled");
      assert.equal(world.text, texts.at(-2) ?? original, "the stack file is as after the last update");
    });

    it(`update ${number}: another share than declared takes everything back`, async () => {
      const world = new World();
      world.up = (update) => {
        if (update !== number) return {};
        world.live = { ecs: 61, other: 39 };
        return { moves: false };
      };
      await fails(world, /went back: the load balancer has ecs 61 %, other 39 %; expected ecs/);
      isBack(world);
    });
  }

  it("the last update that ended before the interruption goes back, or stays and is no failure", async () => {
    for (const goesBack of [true, false]) {
      const world = new World();
      world.goesBack = goesBack;
      world.up = (update) => {
        if (update === 4) world.interrupted.abort();
        return {};
      };
      if (goesBack) await fails(world, /went back: interrupted/);
      else await carryOut(plan, world.stage());
      assert.match(world.told.join("\n"), /\nThe last update ended before the interruption\./);
      if (goesBack) isBack(world);
      else assert.equal(world.text, original.replace(image("a"), image("b")));
    }
  });

  it("a reading that Ctrl-C ended is no reason of its own", async () => {
    const world = new World();
    world.verdict = () => {
      world.interrupted.abort();
      throw new Error("pulumi stack export failed");
    };
    await fails(world, /went back: interrupted\n/);
  });

  it("the history keeps that a move added the line of the target", async () => {
    for (const [text, added] of [
      [original, ", added the line target"],
      [original.replace("cpu: 512", "target: ecs"), ""],
    ] as const) {
      const world = new World();
      world.text = text;
      const toEks = planned({ target: "eks" }, before, [100], { ecs: 100 });
      world.up = (update) => {
        world.live = toEks.updates[update - 1]?.shares ?? {};
        return { moves: false };
      };
      await carryOut(toEks, world.stage());
      assert.equal(
        world.messages.at(-1),
        `released target eks, before ghcr.io/team/model@sha256:a, by ann@laptop${added}`,
      );
    }
  });

  it("names the command that goes on", async () => {
    const world = new World();
    world.goesBack = false;
    world.up = () => {
      world.interrupted.abort();
      return {};
    };
    const stage = { ...world.stage(), goesOnWith: "--to-target ecs" };
    await assert.rejects(carryOut(plan, stage), / Run --to-target ecs to go on, or --back to go back\.$/);
  });

  it("a change that no step means stops it before it is deployed", async () => {
    for (const number of [1, 2, 4]) {
      const world = new World();
      const change = { op: "update", urn: "urn:pulumi:prod::p::a:B$aws:ecs/cluster:Cluster::inference" };
      world.changes = (preview) => (preview === number ? [change] : []);
      const state = number === 1 ? "Nothing was changed" : "The release stopped where it is";
      await fails(
        world,
        new RegExp(`would change more[\\s\\S]* {2}update aws:ecs/cluster:Cluster inference\n${state}`),
      );
      assert.equal(world.messages.length, number - 1);
    }
  });

  it("an interruption before the first update changes nothing", async () => {
    const world = new World();
    world.interrupted.abort();
    await fails(world, /^Error: Interrupted\. Nothing was changed\.$/);
    assert.deepEqual([world.text, world.messages], [original, []]);
  });

  it("an interruption ends a preview, and is the reason", async () => {
    for (const [number, expected] of [
      [1, /^Error: Interrupted\. Nothing was changed\.$/],
      [3, /went back: interrupted\n/],
    ] as const) {
      const world = new World();
      world.changes = (preview) => {
        if (preview !== number) return [];
        world.interrupted.abort();
        throw new Error("pulumi preview failed");
      };
      await fails(world, expected);
      assert.equal(world.text, original);
    }
  });

  it("a failure to go back says where the traffic is, and the command that tries again", async () => {
    const world = new World();
    world.up = (update) => (update >= 2 ? { succeeded: false, moves: update === 2 } : {});
    await fails(
      world,
      /failed: pulumi up failed[\s\S]*Going back failed[\s\S]*has ecs 50 %, ecs-next 50 %[\s\S]*--back$/,
    );
  });

  it("goes back from a release that was killed", async () => {
    const world = new World();
    world.text = edited(original, plan.updates[1]?.edits ?? [], place);
    world.live = { ecs: 50, "ecs-next": 50 };
    await takeBack(plan, world.stage());
    isBack(world);
    world.reads = throttled;
    await assert.rejects(takeBack(plan, world.stage()), /update that goes back succeeded\. The shares are unknown: /);
  });

  it("replaces the image in one update without watching", async () => {
    const world = new World();
    await carryOut(inPlace(image("b"), before), world.stage());
    assert.deepEqual(world.messages, [
      "released ghcr.io/team/model@sha256:b, before ghcr.io/team/model@sha256:a, by ann@laptop",
    ]);
    assert.deepEqual(world.baked, []);
  });
});
