import assert from "node:assert/strict";
import { RunError } from "@pulumi/pulumi";
import type { EcsApi, EcsServiceState } from "../../../../components/aws/ecs";
import { type DeclaredService, ecsRollout } from "../../../../components/ecs-fargate-service/rollout";

const definition = (revision: number) => `arn:aws:ecs:eu-west-1:123456789012:task-definition/inference:${revision}`;
const declared: DeclaredService = {
  clusterName: "cluster",
  serviceName: "service",
  taskDefinitionArn: definition(2),
  targetGroupArn: "group",
};
const inForce = async () => {};
const steady: EcsServiceState = {
  taskDefinitionArn: definition(2),
  desiredCount: 2,
  runningCount: 2,
  rolloutState: "COMPLETED",
  events: [],
};
const deploying: EcsServiceState = { ...steady, rolloutState: "IN_PROGRESS" };

/** What is read at each look; the last one stays. */
interface Looks {
  readonly states: readonly EcsServiceState[];
  readonly healthy?: readonly number[];
  readonly stops?: readonly string[];
  readonly alarms?: readonly string[];
}

const hint = "Fix the cause and run `pulumi up`. To retry the same version, run `pulumi up --refresh`.";

/** Runs against a clock that only waiting moves, and returns how it ended and all that was said. */
async function run({ states, healthy = [2], stops = [], alarms = [] }: Looks, over: Partial<DeclaredService> = {}) {
  const said: string[] = [];
  const asked: string[] = [];
  const raised: number[] = [];
  let second = 1_000;
  let look = 0;
  const at = <T>(list: readonly T[]) => list[Math.min(look, list.length - 1)] as T;
  const ecs: EcsApi = {
    service: async (cluster, service) => {
      asked.push(`${cluster}/${service}`);
      return at(states);
    },
    stopReasons: async () => stops,
    firedAlarms: async () => alarms,
    healthyTargets: async () => at(healthy),
    raise: async (_cluster, _service, count) => void raised.push(count),
  };
  const wait = async (seconds: number) => {
    second += seconds;
    look++;
  };
  const polling = { report: (text: string) => said.push(text), wait, now: () => second };
  const end = await ecsRollout({ ...declared, ...over }, inForce, ecs, polling)
    .complete()
    .then(
      () => "ready",
      (error: unknown) => {
        assert.ok(error instanceof RunError, "a person's message, without a stack");
        return error.message;
      },
    );
  return { end, said, asked, raised, elapsed: second - 1_000 };
}

describe("ECS rollout", () => {
  it("of a restart is rolled back when ECS runs another deployment of the same version", async () => {
    const restart = { deploymentId: "ecs-svc/2" };
    const other = { ...steady, deploymentId: "ecs-svc/3" };
    const { end } = await run({ states: [{ ...deploying, deploymentId: "ecs-svc/2" }, other] }, restart);
    assert.equal(
      end,
      "service was rolled back: its new tasks failed, and the old ones stay\nFix the cause and restart again.",
    );
    assert.equal((await run({ states: [{ ...steady, deploymentId: "ecs-svc/2" }] }, restart)).end, "ready");
  });

  it("is complete when ECS has completed the deployment of the declared version", async () =>
    assert.deepEqual(await run({ states: [steady] }), {
      end: "ready",
      said: [],
      asked: ["cluster/service"],
      raised: [],
      elapsed: 0,
    }));

  it("waits, and reports each change of progress once", async () => {
    const { end, said, elapsed } = await run({
      states: [
        { ...deploying, runningCount: 0 },
        { ...deploying, runningCount: 0 },
        { ...deploying, runningCount: 2 },
        deploying,
        steady,
      ],
      healthy: [0, 0, 0, 1],
    });
    assert.equal(end, "ready");
    assert.equal(elapsed, 20);
    assert.deepEqual(said, [
      "service: 0 of 2 tasks run, 0 are healthy",
      "service: 2 of 2 tasks run, 0 are healthy",
      "service: 2 of 2 tasks run, 1 are healthy",
    ]);
  });

  it("fails when the service was rolled back, with the reason, the stopped tasks and the last events", async () => {
    const { end } = await run({
      states: [
        {
          ...steady,
          taskDefinitionArn: definition(1),
          rolloutReason: "ECS deployment circuit breaker: tasks failed to start.",
          events: ["e1", "e2", "e3", "e4", "e5", "e6"],
        },
      ],
      stops: ["out of memory", "out of memory", "exit code 1"],
    });
    assert.equal(
      end,
      [
        "service was rolled back: it runs inference:1, not the declared inference:2",
        "  deployment: ECS deployment circuit breaker: tasks failed to start.",
        "  stopped task: out of memory",
        "  stopped task: exit code 1",
        "  event: e1",
        "  event: e2",
        "  event: e3",
        "  event: e4",
        "  event: e5",
        hint,
      ].join("\n"),
    );
  });

  it("fails when the service rolls back while it is watched", async () => {
    const { end, elapsed } = await run({
      states: [deploying, deploying, { ...deploying, taskDefinitionArn: definition(1) }],
    });
    assert.equal(elapsed, 15);
    assert.match(end, /^service was rolled back: it runs inference:1, not the declared inference:2\n/);
  });

  it("does not succeed on the old version, even if it is steady and healthy", async () =>
    assert.notEqual((await run({ states: [{ ...steady, taskDefinitionArn: definition(1) }] })).end, "ready"));

  it("does not report a rollback after one response from before the update", async () =>
    assert.equal((await run({ states: [{ ...steady, taskDefinitionArn: definition(1) }, steady] })).end, "ready"));

  it("reports the failure first when the newest events are about the old version", async () => {
    const events = [
      "has reached a steady state",
      "registered 1 targets",
      "(deployment 1) deployment failed: tasks failed to start",
    ];
    const old = { ...steady, taskDefinitionArn: definition(1), rolloutReason: "ECS deployment 2 completed.", events };
    const [, first] = (await run({ states: [old] })).end.split("\n");
    assert.equal(first, "  event: (deployment 1) deployment failed: tasks failed to start");
  });

  it("names the alarm that rolled the deployment back", async () => {
    const events = ["(service service) (deployment ecs-svc/2) deployment failed: alarm detected."];
    const old = { ...steady, taskDefinitionArn: definition(1), events };
    const { end } = await run({ states: [old], alarms: ["inference-ecs-failing-1"] });
    assert.deepEqual(end.split("\n").slice(1, 3), ["  alarm: inference-ecs-failing-1", `  event: ${events}`]);
  });

  it("fails without events as well", async () => {
    const { end } = await run({ states: [{ ...steady, taskDefinitionArn: definition(1) }] });
    assert.equal(end, `service was rolled back: it runs inference:1, not the declared inference:2\n${hint}`);
  });

  it("fails at once when a first deployment has FAILED, which has nothing to roll back to", async () => {
    const { end, elapsed } = await run({
      states: [{ ...steady, runningCount: 0, rolloutState: "FAILED", rolloutReason: "no task got healthy" }],
      healthy: [0],
      stops: ["Essential container in task exited (exit code 1)"],
    });
    assert.equal(elapsed, 0);
    assert.equal(
      end,
      [
        "service failed to deploy inference:2",
        "  deployment: no task got healthy",
        "  stopped task: Essential container in task exited (exit code 1)",
        "Fix the cause and run `pulumi up`. If the fix changes nothing in the stack, first run " +
          "`aws ecs update-service --cluster cluster --service service --force-new-deployment`.",
      ].join("\n"),
    );
  });

  it("fails after ten minutes, with the running version and why tasks stopped", async () => {
    const { end, elapsed } = await run({
      states: [{ ...deploying, runningCount: 1, events: ["unable to place a task"] }],
      healthy: [0],
      stops: ["CannotPullContainerError"],
    });
    assert.equal(elapsed, 600);
    assert.equal(
      end,
      [
        "service is not ready after 600 s: 1 of 2 tasks run, 0 are healthy",
        "  stopped task: CannotPullContainerError",
        "  event: unable to place a task",
        hint,
      ].join("\n"),
    );
  });

  it("does not complete because targets are healthy: they may run the old version", async () =>
    assert.match((await run({ states: [deploying], healthy: [2] })).end, /^service is not ready after 600 s/));

  it("is complete in a window with 0 replicas", async () =>
    assert.equal((await run({ states: [{ ...steady, desiredCount: 0, runningCount: 0 }] })).end, "ready"));

  it("raises the desired count when it is too low, and only then", async () => {
    const raised: number[] = [];
    const ecs: EcsApi = {
      service: async () => steady,
      stopReasons: async () => [],
      firedAlarms: async () => [],
      healthyTargets: async () => 2,
      raise: async (_cluster, _service, count) => void raised.push(count),
    };
    const rollout = ecsRollout(declared, inForce, ecs, { report: () => {} });
    assert.deepEqual([await rollout.raise(2), await rollout.raise(5)], [false, true]);
    assert.deepEqual(raised, [5]);
  });

  it("passes on why a query of ECS or the load balancer failed", async () => {
    const refused = new RunError("ECS could not be asked");
    const ecs: EcsApi = {
      service: () => Promise.reject(refused),
      stopReasons: async () => [],
      firedAlarms: async () => [],
      healthyTargets: async () => 2,
      raise: async () => {},
    };
    await assert.rejects(ecsRollout(declared, inForce, ecs, { report: () => {} }).complete(), refused);
  });
});
