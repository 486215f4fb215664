import assert from "node:assert/strict";
import { rootName } from "../../../components/core/short-name";
import { valuesOf } from "../../../tools/stack/pulumi";
import { outputsOf, placeOf } from "../../../tools/stack/deployed";
import { type Patience, type Runner, type TaskState, tryOneTask } from "../../../tools/try/trial";

const taskArn = "arn:aws:ecs:eu-west-1:123456789012:task/cluster/0123456789abcdef";
const pending: TaskState = { status: "PENDING", health: "UNKNOWN" };
const running: TaskState = { status: "RUNNING", health: "UNKNOWN" };

/** Goes through the states, one for each look, and stays in the last. */
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

/** Time passes only by waiting. */
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

describe("A trial of one task", () => {
  it("works once its health check passes, tells its progress, and stops the task", async () => {
    const runner = new FakeRunner([pending, pending, running, { status: "RUNNING", health: "HEALTHY" }]);
    const waiting = patience();
    const verdict = await tryOneTask(runner, waiting);
    assert.deepEqual(verdict, { works: true, why: "its health check passes", taskArn });
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
      assert.equal(verdict.works, false);
      assert.match(verdict.why, why);
      assert.deepEqual(runner.calls, startedAndStopped);
    });
  }

  it("believes a task that nobody probes once it has run for a while, and says so", async () => {
    const runner = new FakeRunner([pending, running], false);
    const { works, why } = await tryOneTask(runner, patience());
    assert.equal(works, true);
    assert.match(why, /run for 30 s; it has no health check/);
  });

  it("does not believe a probed task before its probe has answered", async () => {
    const { works } = await tryOneTask(new FakeRunner([running]), patience());
    assert.equal(works, false);
  });

  it("stops the task when interrupted, also when that comes while it starts", async () => {
    const interrupted = new AbortController();
    const runner = new FakeRunner([running]);
    const start = runner.start.bind(runner);
    runner.start = async () => {
      interrupted.abort();
      return start();
    };
    const { works, why } = await tryOneTask(runner, patience(interrupted.signal));
    assert.equal(works, false);
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

  it("stops the task when ECS cannot be asked about it", async () => {
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

describe("What a trial reads of a stack", () => {
  it("is the service, its cluster and its log group", () => {
    const outputs = { ecsClusterName: "c", ecsServiceNames: { ecs: "s" }, logGroupName: "l", url: "u" };
    assert.deepEqual(placeOf(outputs), { clusterName: "c", serviceName: "s", logGroupName: "l" });
  });

  it("is the chosen one of several services, and never a guess", () => {
    const outputs = { ecsClusterName: "c", ecsServiceNames: { blue: "s1", green: "s2" }, logGroupName: "l" };
    assert.equal(placeOf(outputs, "green").serviceName, "s2");
    assert.throws(() => placeOf(outputs), /--variant is missing; expected one of blue, green/);
    assert.throws(() => placeOf(outputs, "red"), /--variant is red; expected one of blue, green/);
  });

  it("says what to do when there is no service", () => {
    assert.throws(() => placeOf({}), /no ECS service.*Run pulumi up/);
    assert.throws(() => placeOf({ ecsClusterName: "c", ecsServiceNames: {} }), /no ECS service/);
  });

  it("is the plain values of its configuration", () => {
    const config = { "aws:region": { value: "eu-west-1", secret: false }, "aws:endpoints": { value: '[{"ecs":"u"}]' } };
    assert.deepEqual(valuesOf(config), { "aws:region": "eu-west-1", "aws:endpoints": '[{"ecs":"u"}]' });
  });
});

describe("What a trial finds of a first deployment that failed", () => {
  const resource = (type: string, name: string, outputs: Record<string, unknown>) => ({
    type,
    urn: `urn:pulumi:dev::my-project::parent$${type}::${name}`,
    outputs,
  });

  it("is the service that was made, though the stack has no outputs", () => {
    const cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/my-project-1";
    const resources = [
      resource("aws:ecs/service:Service", "my-project-ecs", { name: "my-project-ecs-2", cluster }),
      resource("aws:cloudwatch/logGroup:LogGroup", "my-project-ecs", { name: "logs-3" }),
    ];
    assert.deepEqual(placeOf(outputsOf({ deployment: { resources } })), {
      clusterName: "my-project-1",
      serviceName: "my-project-ecs-2",
      logGroupName: "logs-3",
    });
  });

  it("is known by its variant under a project whose name is too long for AWS", () => {
    const project = "a-project-of-many-words";
    const urn = `urn:pulumi:dev::${project}::parent$aws:ecs/service:Service::${rootName(project)}-ecs`;
    const service = { type: "aws:ecs/service:Service", urn, outputs: { name: "service-2", cluster: "cluster/c" } };
    assert.deepEqual(outputsOf({ deployment: { resources: [service] } }).ecsServiceNames, { ecs: "service-2" });
  });

  it("is nothing where nothing was made", () => {
    assert.throws(() => placeOf(outputsOf({})), /Run pulumi up/);
  });
});
