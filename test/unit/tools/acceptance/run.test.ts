import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { PassThrough } from "node:stream";
import { Interrupts } from "../../../../tools/acceptance/interrupts";
import { ProgressFile, resumable } from "../../../../tools/acceptance/progress";
import { faultOf } from "../../../../tools/acceptance/spoken";
import { begun, FakeTools, play, refusedRollout, steps } from "../../../support/acceptance";
import { withFolder } from "../../../support/folder";

const cleanUp = ["destroy ecs", "leftovers", "remove stack"];
const change = (target: string) => ["load http://a.example", `up ${target}`, "load ends"];
const wholeStory = [
  ...["preview ecs", "up ecs", "try", "npm run load"],
  ...[...change("eks"), ...change("both"), ...change("both"), ...change("both"), ...change("both")],
  ...cleanUp,
];

/** What an uninterrupted run does from a step on. */
const callsFrom = (step: number) => wholeStory.slice(step < 4 ? step : 4 + (step - 4) * 3);
const story = steps.slice(0, -2);

describe("the story of npm run acceptance", () => {
  it("does the steps in their order, with load around every change, and removes the stack at the end", async () => {
    const { tools, progress } = await play();
    assert.deepEqual(tools.calls, wholeStory);
    assert.deepEqual(
      progress.steps.map(({ outcome }) => outcome),
      steps.map(() => "done"),
    );
    assert.ok(progress.steps.every((step) => faultOf(step) === undefined));
  });

  it("says what it did not search when nothing is left", async () => {
    const { record } = await play();
    assert.match(
      record("leftovers")?.facts.join(" ") ?? "",
      /^Nothing with the run's tags is left\. Not searched: IAM roles, /,
    );
  });

  it("records how long each step took and which clusters there were", async () => {
    const { progress, record } = await play();
    assert.equal(record("up")?.seconds, 60);
    // Load runs for 5 s before and 15 s after.
    assert.equal(record("both")?.seconds, 80);
    assert.equal(record("try")?.taskSeconds, 34);
    assert.deepEqual(progress.clusters, ["inference-1"]);
  });

  it("goes on after each step as if nothing had happened", async () => {
    const whole = (await play()).progress.steps;
    for (const [index, { name }] of story.entries()) {
      const { tools, progress } = await play(new FakeTools(), { from: whole.slice(0, index) });
      assert.deepEqual(tools.calls, callsFrom(index), name);
      assert.equal(progress.steps.length, steps.length, name);
    }
  });

  it("goes on in the middle of the clean-up", async () => {
    const whole = (await play()).progress.steps;
    for (const [index, expected] of [cleanUp, cleanUp.slice(1)].entries()) {
      const { tools } = await play(new FakeTools(), { from: whole.slice(0, story.length + index) });
      assert.deepEqual(tools.calls, expected);
    }
  });

  it("repeats a step that failed, and replaces its record", async () => {
    const whole = (await play()).progress.steps;
    const from = [...whole.slice(0, 4), { ...whole[4], outcome: "failed", why: "x" }] as typeof whole;
    const { tools, record } = await play(new FakeTools(), { from });
    assert.deepEqual(tools.calls, callsFrom(4));
    assert.equal(record("flip-to-eks")?.outcome, "done");
  });

  it("ends at a step that fails, and destroys the stack", async () => {
    const tools = new FakeTools();
    tools.ends["flip-to-eks"] = { code: 1, output: "  error: no capacity\n    in eu-west-1a\n\nResources:" };
    const { record, progress } = await play(tools);
    assert.equal(record("flip-to-eks")?.outcome, "failed");
    assert.equal(record("flip-to-eks")?.why, "pulumi ended with exit code 1: no capacity\nin eu-west-1a");
    assert.deepEqual(tools.calls.slice(-5), ["load ends", "Destroy the stack now? [Y/n]", ...cleanUp]);
    assert.equal(
      progress.steps.some(({ name }) => name === "both"),
      false,
    );
  });

  it("leaves the stack after a failure with --keep, or when somebody says no", async () => {
    for (const [keep, answer] of [
      [true, undefined],
      [false, false],
    ] as const) {
      const tools = new FakeTools();
      tools.answer = answer;
      tools.ends.up = { code: 1, output: "error: no" };
      await play(tools, { keep });
      assert.deepEqual(
        tools.calls.filter((call) => call !== "Destroy the stack now? [Y/n]"),
        ["preview ecs", "up ecs"],
      );
    }
  });

  it("with --yes destroys the stack after a failure without a question, except with --keep", async () => {
    for (const keep of [false, true]) {
      const tools = new FakeTools();
      tools.answer = false;
      tools.ends.up = { code: 1, output: "error: no" };
      await play(tools, { yes: true, keep });
      assert.deepEqual(tools.calls, ["preview ecs", "up ecs", ...(keep ? [] : cleanUp)]);
    }
  });

  it("goes on after lost requests, and the step counts as wrong", async () => {
    const tools = new FakeTools();
    tools.lost.both = 3;
    const { record } = await play(tools);
    const both = record("both");
    assert.equal(both?.outcome, "done");
    assert.equal(both && faultOf(both), "3 of 100 requests lost: 503 3, between 31 s and 33 s");
    assert.deepEqual(tools.calls, wholeStory);
  });

  const wrong: readonly (readonly [string, string, (tools: FakeTools) => unknown, RegExp])[] = [
    [
      "a broken image succeeds",
      "broken-image",
      ({ ends }) => Object.assign(ends, { "broken-image": { code: 0 } }),
      /succeeded with a program/,
    ],
    [
      "a broken image fails for another reason",
      "broken-image",
      ({ ends }) => Object.assign(ends, { "broken-image": { code: 1, output: "error: ExpiredToken" } }),
      /failed for another reason: ExpiredToken/,
    ],
    [
      "the new image is the old one",
      "new-image",
      (tools) => {
        const { stack } = tools;
        tools.stack = async () => {
          const found = await stack.call(tools);
          return { ...found, outputs: { ...found.outputs, imageDigest: "same" } };
        };
      },
      /the same digest as before/,
    ],
    [
      "a flip changes the URL",
      "flip-to-eks",
      (tools) => {
        tools.ends["flip-to-eks"] = async () => {
          tools.url = "http://b.example";
          return { code: 0, output: "", events: [] };
        };
      },
      /the URL of the stack changed/,
    ],
    [
      "the task does not work",
      "try",
      (tools) => {
        tools.tryTask = async () => ({
          outcome: "does not work",
          isFailure: true,
          why: "it stopped",
          runningAfterSeconds: 1,
        });
      },
      /the task does not work: it stopped/,
    ],
  ];
  for (const [title, step, spoil, expected] of wrong)
    it(`fails when ${title}`, async () => {
      const tools = new FakeTools();
      spoil(tools);
      const { record } = await play(tools);
      assert.equal(record(step)?.outcome, "failed");
      assert.match(record(step)?.why ?? "", expected);
      assert.ok(tools.calls.includes("destroy ecs"));
    });

  it("does not remove the stack when the destroy fails", async () => {
    const tools = new FakeTools();
    tools.ends.destroy = { code: 1, output: "error: in use" };
    const { record } = await play(tools);
    assert.equal(record("destroy")?.outcome, "failed");
    assert.equal(tools.calls.at(-1), "destroy ecs");
  });
});

describe("Ctrl-C during npm run acceptance", () => {
  /** Presses it while the CLI runs a step. */
  async function interruptedIn(step: string, options: { keep?: boolean; answer?: boolean } = {}) {
    const tools = new FakeTools();
    tools.answer = options.answer;
    const left: string[] = [];
    const interrupts = new Interrupts(() => left.push("left"));
    tools.ends[step] = async () => {
      interrupts.came();
      return { code: 1, output: "error: update cancelled", events: [] };
    };
    const played = await play(tools, { interrupted: interrupts.signal, keep: options.keep });
    return { ...played, left };
  }

  it("ends the step and destroys the stack when nobody can be asked", async () => {
    const { tools, record, left } = await interruptedIn("both");
    // What a cancelled command prints is no failure of the step.
    assert.deepEqual([record("both")?.outcome, record("both")?.why], ["interrupted", undefined]);
    assert.ok(record("both")?.requests, "the requests until then are counted");
    // The destroy is not interrupted itself.
    assert.deepEqual(tools.calls.slice(-4), ["Destroy the stack now? [Y/n]", ...cleanUp]);
    assert.deepEqual(left, []);
  });

  it("leaves the stack with --keep, or when somebody says no", async () => {
    for (const options of [{ keep: true }, { answer: false }]) {
      const { tools } = await interruptedIn("both", options);
      assert.equal(
        tools.calls.some((call) => call.startsWith("destroy")),
        false,
      );
    }
  });

  it("passes the signal to the CLI, and starts no further step", async () => {
    const { progress } = await interruptedIn("up");
    assert.deepEqual(
      progress.steps.map(({ name }) => name),
      ["preview", "up", "destroy", "leftovers"],
    );
  });

  it("a refused rollout that Ctrl-C ended is not taken for the broken image", async () => {
    const tools = new FakeTools();
    const interrupts = new Interrupts(() => {});
    tools.ends["broken-image"] = async () => {
      interrupts.came();
      return refusedRollout;
    };
    const { record } = await play(tools, { interrupted: interrupts.signal });
    assert.equal(record("broken-image")?.outcome, "interrupted");
  });

  it("ends the load, counts what was sent until then, and repeats it with --resume", async () => {
    const tools = new FakeTools();
    const interrupts = new Interrupts(() => {});
    tools.duringLoad = async () => interrupts.came();
    const { record } = await play(tools, { interrupted: interrupts.signal });
    assert.deepEqual([record("load")?.outcome, record("load")?.requests?.requests], ["interrupted", 30]);
    assert.ok(tools.calls.includes("destroy ecs"));
  });

  it("a terminal that closes is the first one, and never a second one", () => {
    const left: string[] = [];
    let ms = 1_000;
    const interrupts = new Interrupts(
      () => left.push("left"),
      () => ms,
    );
    const process = new EventEmitter();
    const output = new PassThrough();
    interrupts.listen(process, [output]);
    output.emit("error", new Error("write EIO"));
    for (const signal of ["SIGHUP", "SIGHUP"]) {
      process.emit(signal, signal);
      ms += 1_000;
    }
    assert.deepEqual([interrupts.signal.aborted, left], [true, []]);
    process.emit("SIGINT", "SIGINT");
    assert.deepEqual(left, ["left"]);
  });

  it("the second one leaves at once", () => {
    const left: string[] = [];
    let ms = 1_000;
    const interrupts = new Interrupts(
      () => left.push("left"),
      () => ms,
    );
    interrupts.came();
    // npm passes the first one on.
    ms += 5;
    interrupts.came();
    assert.deepEqual([interrupts.signal.aborted, left], [true, []]);
    ms += 1_000;
    interrupts.came();
    assert.deepEqual(left, ["left"]);
  });
});

describe("acceptance/progress.json", () => {
  it("is what a run goes on with", () =>
    withFolder({}, (folder) => {
      assert.throws(() => resumable(folder, begun.stack), /there is no acceptance\/progress\.json/);
      new ProgressFile(folder).save(begun);
      assert.deepEqual(resumable(folder, begun.stack), begun);
      assert.throws(() => resumable(folder, "prod-acceptance"), /is of stack dev-acceptance; expected prod-acceptance/);
      assert.equal(existsSync(`${folder}/progress.json.new`), false);
    }));

  it("of a run that has ended is refused", async () => {
    const { progress } = await play();
    withFolder({}, (folder) => {
      new ProgressFile(folder).save(progress);
      assert.throws(() => resumable(folder, begun.stack), /that run has ended\. Start without --resume/);
    });
  });

  it("in another format is refused by the name of the option", () =>
    withFolder({ "progress.json": "{}" }, (folder) =>
      assert.throws(() => resumable(folder, begun.stack), /--resume is .*it has no run, stack and steps/),
    ));
});
