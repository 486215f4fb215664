import assert from "node:assert/strict";
import type { DeployedStack } from "../../../tools/stack/deployed";
import { deployedService } from "../../../tools/try/service";
import { type Patience, type Runner, type TaskState, tryOneTask } from "../../../tools/try/trial";

const taskArn = "arn:aws:ecs:eu-west-1:123456789012:task/cluster/0123456789abcdef";
const pending: TaskState = { status: "PENDING", health: "UNKNOWN" };
const running: TaskState = { status: "RUNNING", health: "UNKNOWN" };

/** Returns one state for each poll, and repeats the last. */
class FakeRunner implements Runner {
  readonly calls: string[] = [];
  private looks = 0;

  constructor(
    private readonly states: readonly TaskState[],
    readonly isProbed = true,
  ) {}

  async start(): Promise<string> {
    this.calls.push("start");
    return taskArn;
  }

  async look(): Promise<TaskState> {
    const state = this.states[Math.min(this.looks++, this.states.length - 1)];
    assert.ok(state);
    return state;
  }

  async stop(arn: string): Promise<void> {
    this.calls.push(`stop ${arn}`);
  }
}

/** A clock that advances only by waiting. */
function patience(signal = new AbortController().signal): Patience & { told: string[] } {
  const told: string[] = [];
  let seconds = 0;
  return {
    told,
    tell: (text) => told.push(text),
    signal,
    now: () => seconds,
    wait: async (more) => {
      seconds += more;
    },
  };
}

const startedAndStopped = ["start", `stop ${taskArn}`];

describe("tryOneTask", () => {
  it("succeeds once the health check passes, prints its progress, and stops the task", async () => {
    const runner = new FakeRunner([pending, pending, running, { status: "RUNNING", health: "HEALTHY" }]);
    const waiting = patience();
    const verdict = await tryOneTask(runner, waiting);
    assert.deepEqual(verdict, { outcome: "works", why: "its health check passes", taskArn });
    assert.deepEqual(waiting.told, [
      "started 0123456789abcdef",
      "0 s: PENDING",
      "6 s: RUNNING, waiting for its health check",
      "stopped it",
    ]);
    assert.deepEqual(runner.calls, startedAndStopped);
  });

  const failing: Record<string, [TaskState[], RegExp]> = {
    "says why the task stopped": [
      [pending, { status: "STOPPED", health: "UNKNOWN", stopReason: "CannotPullContainerError: not found" }],
      /^it stopped: CannotPullContainerError: not found$/,
    ],
    "says when its health check fails": [[running, { status: "RUNNING", health: "UNHEALTHY" }], /health check fails/],
    "gives up after its limit, and says what it was waiting for": [[pending], /^after 600 s it is still PENDING/],
  };
  for (const [title, [states, why]] of Object.entries(failing)) {
    it(`${title}, and stops the task`, async () => {
      const runner = new FakeRunner(states);
      const verdict = await tryOneTask(runner, patience());
      assert.equal(verdict.outcome, "does not work");
      assert.match(verdict.why, why);
      assert.deepEqual(runner.calls, startedAndStopped);
    });
  }

  it("does not say that a task works which nothing asked, and names the key that asks it", async () => {
    const runner = new FakeRunner([pending, running], false);
    const { outcome, why } = await tryOneTask(runner, patience());
    assert.equal(outcome, "runs, not checked");
    assert.match(why, /^it has run for 30 s; container\.healthCommand is not set, /);
    assert.deepEqual(runner.calls, startedAndStopped);
  });

  it("does not accept a task before its health check passes", async () => {
    const { outcome } = await tryOneTask(new FakeRunner([running]), patience());
    assert.equal(outcome, "does not work");
  });

  it("stops the task after an interruption during its start", async () => {
    const interrupted = new AbortController();
    const runner = new FakeRunner([running]);
    const start = runner.start.bind(runner);
    runner.start = async () => {
      interrupted.abort();
      return start();
    };
    const { outcome, why } = await tryOneTask(runner, patience(interrupted.signal));
    assert.equal(outcome, "does not work");
    assert.match(why, /interrupted/);
    assert.deepEqual(runner.calls, startedAndStopped);
  });

  it("stops waiting at once when interrupted", async () => {
    const interrupted = new AbortController();
    const runner = new FakeRunner([running]);
    const { tell, signal } = patience(interrupted.signal);
    setImmediate(() => interrupted.abort());
    const { why } = await tryOneTask(runner, { tell, signal, pollSeconds: 3600 });
    assert.match(why, /interrupted/);
    assert.deepEqual(runner.calls, startedAndStopped);
  });

  it("stops the task when ECS does not answer", async () => {
    const runner = new FakeRunner([]);
    runner.look = () => Promise.reject(new Error("ECS is not reachable"));
    await assert.rejects(tryOneTask(runner, patience()), /ECS is not reachable/);
    assert.deepEqual(runner.calls, startedAndStopped);
  });

  it("stops nothing when nothing was started", async () => {
    const runner = new FakeRunner([running]);
    runner.start = () => Promise.reject(new Error("no capacity"));
    await assert.rejects(tryOneTask(runner, patience()), /no capacity/);
    assert.deepEqual(runner.calls, []);
  });
});

describe("deployedService", () => {
  const stack = (outputs: DeployedStack["outputs"]) =>
    ({ name: "dev", outputs, resources: [], connection: { assumeRoles: [], endpoints: {} } }) as const;

  it("returns the only service of a stack", () => {
    const { service, cluster, logGroupName } = deployedService(
      stack({ ecsClusterName: "c", ecsServiceNames: { ecs: "s" }, logGroupName: "l" }),
    );
    assert.deepEqual({ service, cluster, logGroupName }, { service: "s", cluster: "c", logGroupName: "l" });
  });

  it("returns the service of the named variant, and refuses two without a name", () => {
    const two = stack({ ecsClusterName: "c", ecsServiceNames: { blue: "s1", green: "s2" } });
    assert.equal(deployedService(two, "green").service, "s2");
    assert.throws(() => deployedService(two), /--variant is missing; expected one of blue, green/);
    assert.throws(() => deployedService(two, "red"), /--variant is red; expected one of blue, green/);
  });

  it("refuses a stack without a service, and names the fix", () => {
    const none = /^Error: Stack dev has no ECS service: .*Deploy it: pulumi up$/;
    assert.throws(() => deployedService(stack({})), none);
    assert.throws(() => deployedService(stack({ ecsClusterName: "c", ecsServiceNames: {} })), none);
  });
});
