import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { InjectedFailure } from "../../fakes/injected-failures";
import { type Case, longCaseOf } from "../../support/long-case";
import { fireAlarms } from "./account-api/cloudwatch";
import { capHealth } from "./account-api/health";
import { rule } from "./flips";
import { image, type Releases, type Weights } from "./releases";
import type { Running } from "./runner";
import { succeeds } from "./succeeds";

/** A release on a deployed stack, and the names in it. */
export interface ReleaseStory {
  /** The options that say what is released. */
  readonly to: readonly string[];
  readonly before: Weights;
  /** The variants that get the traffic. */
  readonly gainers: readonly string[];
  /** The variants that are gone at the end. */
  readonly leavers: readonly string[];
  /** The new replicas. */
  readonly replicas: Pick<InjectedFailure, "name" | "type">;
}

/** A new image beside the present one, on each of the variants; the replicas are those of the last one. */
export function imageStory(letter: string, before: Weights, type: string): ReleaseStory {
  const variants = Object.keys(before).map((variant) => `${variant}-next`);
  const replicas = { name: `inference-${variants.at(-1)}`, type };
  return { to: ["--to", image(letter)], before, gainers: variants, leavers: variants, replicas };
}

type Get = () => Releases;

const steps = ["--steps", "50,100"];
export const inSteps = ({ to }: Pick<ReleaseStory, "to">) => [...to, ...steps];

const shareIn = (weights: Weights, names: readonly string[]) =>
  names.reduce((sum, name) => sum + (weights[name] ?? 0), 0);

/** Kills one release after the other at each of its steps, each time continuing the one before, and lets the last one end. */
export function itResumesAfterEachKill(
  releases: Get,
  story: Omit<ReleaseStory, "before">,
  {
    whileLocked,
    ends,
    between = longCaseOf("npx mocha <this file>"),
  }: {
    readonly whileLocked?: () => Promise<void>;
    readonly ends: (output: string) => void;
    /** The steps between start and end are the same on every platform, so one suite tries them in each run. */
    readonly between?: Case;
  },
): void {
  const { gainers, leavers, replicas } = story;
  const args = inSteps(story);
  const killWhenMoved = (what: string, moved: (weights: Weights) => boolean) =>
    releases().killWhere(
      what,
      (entry) => {
        const weights = releases().weightsOf(entry);
        return weights !== undefined && moved(weights);
      },
      args,
    );

  it("killed while the new version starts, it has moved nothing and holds the lock", async () => {
    const { name, type = "" } = replicas;
    releases().sandbox.inject({ ...replicas, op: "create", does: "hang" });
    await releases().killWhere(
      "the new replicas",
      ({ op, urn }) => op === "create" && urn.endsWith(`${type}::${name}`),
      args,
    );
    assert.equal(shareIn(releases().weights(), gainers), 0);
    await whileLocked?.();
    await releases().unlock();
  });

  between("killed while half of the traffic has moved, it goes on there", async () => {
    await killWhenMoved("half of the traffic", (weights) => shareIn(weights, gainers) === 50);
    assert.equal(shareIn(releases().weights(), gainers), 50);
    await releases().unlock();
  });

  between("killed while it watches, and killed while all traffic moves, it goes on there", async () => {
    const watching = releases().start(...args, "--bake", "300s");
    await releases().prints(/s of 300: .* has \d healthy, no alarm, 0 requests, too few to judge/, watching);
    await releases().kill(watching);
    await killWhenMoved("all of the traffic", (weights) => shareIn(weights, gainers) === 100);
    await releases().unlock();
  });

  it("killed during its last update, the same command ends it, and nothing is left to change", async () => {
    await killWhenMoved("the last update", (weights) => leavers.every((name) => !(name in weights)));
    await releases().unlock();
    const { output } = succeeds(await releases().run(...args));
    assert.match(output, /Stack dev: go on with /);
    ends(output);
    const names = releases()
      .sandbox.account.of("aws:lb/targetGroup:TargetGroup")
      .map(({ name }) => name);
    for (const name of leavers) assert.ok(!names.includes(`inference-${name}`), `${name} is still there`);
    succeeds(await releases().sandbox.up("--expect-no-changes"));
  });
}

/** Ctrl-C at each step of one release after the other. */
export function itGoesBackOnCtrlC(
  releases: Get,
  story: Pick<ReleaseStory, "to" | "before" | "gainers" | "replicas">,
  { whileItMoves = it }: { readonly whileItMoves?: Case } = {},
): void {
  const { before, gainers, replicas } = story;
  const elsewhere = longCaseOf("npx mocha <this file>");
  const takesBack = async (
    step: (start: (...options: string[]) => Running) => Promise<Running>,
    then: (running: Running) => Promise<void> = async () => {},
  ) => {
    const file = releases().file();
    releases().mark();
    const running = await step((...options) => releases().start(...inSteps(story), ...options));
    releases().sandbox.clearInjected();
    running.signal("SIGINT");
    await then(running);
    const { code, output } = await running.result;
    assert.equal(code, 1, output);
    assert.match(output, /Interrupted\.[\s\S]*went back: interrupted/);
    assert.deepEqual([releases().file(), releases().weights(), releases().locks()], [file, before, []]);
  };
  const slow = { op: "update", does: "slow", milliseconds: 3_000 } as const;
  const whileMoving = (share: number) => () =>
    takesBack(async (start) => {
      const running = start();
      if (share > 50)
        await releases().reaches(
          "half of the traffic",
          (entry) => shareIn(releases().weightsOf(entry) ?? {}, gainers) === 50,
          running,
        );
      releases().sandbox.inject({ name: "inference-public", type: rule, ...slow });
      releases().mark();
      await releases().reaches(
        "the rule",
        ({ op, urn }) => op === "update" && urn.endsWith("::inference-public"),
        running,
      );
      return running;
    });

  elsewhere("Ctrl-C while the new version starts takes everything back", () =>
    takesBack(async (start) => {
      releases().sandbox.inject({ ...replicas, ...slow, op: "create" });
      const running = start();
      const { name, type = "" } = replicas;
      await releases().reaches(
        "the replicas",
        ({ op, urn }) => op === "create" && urn.endsWith(`${type}::${name}`),
        running,
      );
      return running;
    }),
  );

  whileItMoves("Ctrl-C while traffic moves takes everything back", whileMoving(50));

  elsewhere("Ctrl-C while it watches takes everything back", () =>
    takesBack(async (start) => {
      const running = start("--bake", "300s");
      await releases().prints(/s of 300: .* has \d healthy/, running);
      return running;
    }),
  );

  elsewhere("Ctrl-C while the last of the traffic moves takes everything back", whileMoving(100));

  elsewhere("Ctrl-C during the last update takes everything back, and a second one changes nothing", () =>
    takesBack(
      async (start) => {
        const running = start();
        await releases().prints(/\d of \d {2}end: /, running);
        releases().mark();
        await releases().reaches("a change", ({ op }) => op === "update" || op === "delete", running);
        return running;
      },
      async (running) => {
        await releases().prints(/Going back: interrupted/, running);
        // npm sends a copy of the first one within a second.
        await delay(1_100);
        running.signal("SIGINT");
        await releases().prints(/Interrupted already\./, running);
      },
    ),
  );
}

/** Without a stack file that differs, or a change that is left. */
export function itGoesBackOnAnAlarm(
  releases: Get,
  { before, gainers, ...story }: Pick<ReleaseStory, "to" | "before" | "gainers">,
): void {
  it("an alarm of the new version takes everything back, and the command fails with the alarm", async () => {
    const { sandbox } = releases();
    const gainer = gainers.at(-1) ?? "";
    fireAlarms(sandbox.account, `${gainer}-failing`);
    const file = releases().file();
    const { code, output } = await releases().run(...inSteps(story));
    fireAlarms(sandbox.account);
    assert.equal(code, 1, output);
    assert.match(output, new RegExp(`went back: ${gainer}: alarm inference-${gainer}-failing-\\w+ fires`));
    assert.deepEqual([releases().file(), releases().weights()], [file, before]);
    succeeds(await sandbox.up("--expect-no-changes"));
  });
}

/** With b released after a, and c taken back. */
export function itReplacesADeadVersion(
  releases: Get,
  { before, replicas }: Pick<ReleaseStory, "before" | "replicas">,
): void {
  it("--back replaces a dead version by the one before, and --status tells", async () => {
    const { name, type } = replicas;
    const file = releases().file();
    const dead = Object.fromEntries(Object.keys(before).map((variant) => [`inference-${variant}`, 0]));
    capHealth(releases().sandbox.account, dead);
    releases().mark();
    const running = releases().start("--back");
    const isReplaced = (urn: string) => urn.endsWith(`${type}::${name}`);
    await releases().reaches(
      "the replicas",
      ({ phase, op, urn }) => phase === "end" && op === "update" && isReplaced(urn),
      running,
    );
    capHealth(releases().sandbox.account, {});
    succeeds(await running.result);
    assert.equal(releases().file(), file.replace(image("b"), image("a")));
    assert.deepEqual(releases().weights(), before);
    const { output } = succeeds(await releases().run("--status"));
    for (const [variant, share] of Object.entries(before))
      assert.match(
        output,
        new RegExp(
          `${variant} on ${variant}, declared: .*a{64}\\n.*stack file ${share} %, last update ${share} %, load balancer ${share} %`,
        ),
      );
    assert.match(
      output,
      /Releases, the newest first:\n.*released .*a{64}, before .*b{64}, by .*@.*\n.*went back from .*c{64}/,
    );
  });
}
