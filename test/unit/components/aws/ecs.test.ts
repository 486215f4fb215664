import assert from "node:assert/strict";
import { RunError } from "@pulumi/pulumi";
import { describeStop, ecsApi } from "../../../../components/aws/ecs";
import { type AwsAnswer, withAws } from "../../support/aws-answers";

function reading<T>(
  answers: Readonly<Record<string, AwsAnswer>>,
  test: (reader: ReturnType<typeof ecsApi>, asked: readonly string[]) => Promise<T>,
) {
  return withAws(answers, (url, asked) => {
    const keys = { accessKeyId: "A", secretAccessKey: "S" };
    return test(ecsApi({ region: "eu-west-1", keys, assumeRoles: [], endpoints: { ecs: url, elbv2: url } }), asked);
  });
}

const json = (body: object): AwsAnswer => ({ body: JSON.stringify(body) });
const denied: AwsAnswer = {
  status: 400,
  body: JSON.stringify({ __type: "AccessDeniedException", message: "not yours" }),
};

describe("ECS client", () => {
  it("reads the running task definition and the state of the current deployment", () =>
    reading(
      {
        DescribeServices: json({
          services: [
            {
              taskDefinition: "td:2",
              desiredCount: 3,
              runningCount: 1,
              deployments: [
                { id: "ecs-svc/1", status: "ACTIVE", rolloutState: "COMPLETED" },
                { id: "ecs-svc/2", status: "PRIMARY", rolloutState: "IN_PROGRESS", rolloutStateReason: "in progress" },
              ],
              events: [{ message: "newest" }, { message: "older" }],
            },
          ],
        }),
      },
      async (reader, asked) => {
        assert.deepEqual(await reader.service("cluster", "service"), {
          taskDefinitionArn: "td:2",
          deploymentId: "ecs-svc/2",
          desiredCount: 3,
          runningCount: 1,
          rolloutState: "IN_PROGRESS",
          rolloutReason: "in progress",
          events: ["newest", "older"],
        });
        assert.equal(asked.length, 1);
        assert.match(asked[0] ?? "", /^DescribeServices .*"cluster":"cluster"/);
      },
    ));

  it("raises the desired count of a service, and passes on why ECS refuses", async () => {
    await reading({ UpdateService: json({}) }, async (ecs, asked) => {
      await ecs.raise("cluster", "service", 8);
      assert.equal(asked.length, 1);
      assert.match(asked[0] ?? "", /^UpdateService /);
      const told = JSON.parse((asked[0] ?? "").replace("UpdateService ", ""));
      assert.deepEqual(told, { cluster: "cluster", service: "service", desiredCount: 8 });
    });
    await reading({ UpdateService: denied }, (ecs) => assert.rejects(ecs.raise("cluster", "service", 8), /not yours/));
  });

  it("accepts a service without events and deployments", () =>
    reading({ DescribeServices: json({ services: [{ taskDefinition: "td:2" }] }) }, async (reader) => {
      const { events, rolloutState } = await reader.service("cluster", "service");
      assert.deepEqual([events, rolloutState], [[], undefined]);
    }));

  for (const [title, answer, reason] of [
    ["is not allowed", denied, "AccessDeniedException: not yours"],
    ["does not know the service", json({ services: [] }), "Error: ECS has no service service"],
  ] as const) {
    it(`calls nothing a success when it ${title}`, () =>
      reading({ DescribeServices: answer }, async (reader) => {
        await assert.rejects(reader.service("cluster", "service"), (error) => {
          assert.ok(error instanceof RunError);
          assert.equal(
            error.message,
            `Could not query ECS for the status of the deployment, so it is treated as failed: ${reason}`,
          );
          return true;
        });
      }));
  }

  it("counts healthy targets only", () => {
    const member = (state: string) => `<member><TargetHealth><State>${state}</State></TargetHealth></member>`;
    const members = ["healthy", "draining", "healthy", "initial", "unhealthy"].map(member).join("");
    const body = `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>${members}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`;
    return reading({ DescribeTargetHealth: { body } }, async (reader) =>
      assert.equal(await reader.healthyTargets("group"), 2),
    );
  });

  it("names the load balancer when its query fails", () =>
    reading({}, async (reader) => {
      await assert.rejects(reader.healthyTargets("group"), /^Error: Could not query Elastic Load Balancing for /);
    }));

  describe("alarms that ended a deployment", () => {
    const listed = json({
      serviceDeployments: [
        { serviceDeploymentArn: "older", createdAt: 100 },
        { serviceDeploymentArn: "newest", createdAt: 300 },
        { serviceDeploymentArn: "old", createdAt: 200 },
      ],
    });

    it("belong to the newest deployment", () =>
      reading(
        {
          ListServiceDeployments: listed,
          DescribeServiceDeployments: json({
            serviceDeployments: [{ alarms: { alarmNames: ["slow", "failing"], triggeredAlarmNames: ["failing"] } }],
          }),
        },
        async (reader, asked) => {
          assert.deepEqual(await reader.firedAlarms("cluster", "service"), ["failing"]);
          assert.match(asked[0] ?? "", /^ListServiceDeployments .*"service":"service"/);
          assert.match(asked[1] ?? "", /^DescribeServiceDeployments .*\["newest"\]/);
        },
      ));

    it("are empty when none fired, or before the first deployment", async () => {
      const silent = json({ serviceDeployments: [{ deploymentCircuitBreaker: { status: "TRIGGERED" } }] });
      await reading({ ListServiceDeployments: listed, DescribeServiceDeployments: silent }, async (reader) =>
        assert.deepEqual(await reader.firedAlarms("cluster", "service"), []),
      );
      await reading({ ListServiceDeployments: json({ serviceDeployments: [] }) }, async (reader) =>
        assert.deepEqual(await reader.firedAlarms("cluster", "service"), []),
      );
    });

    it("do not hide the failure that they explain when they cannot be read", () =>
      reading({ ListServiceDeployments: denied }, async (reader) =>
        assert.deepEqual(await reader.firedAlarms("cluster", "service"), ["could not be read: not yours"]),
      ));
  });

  describe("stopped tasks", () => {
    const task = (taskDefinitionArn: string, stoppedAt: number, stoppedReason: string) => ({
      taskDefinitionArn,
      stoppedAt,
      stoppedReason,
    });

    it("belong to the declared version, newest first", () =>
      reading(
        {
          ListTasks: json({ taskArns: ["t1", "t2", "t3"] }),
          DescribeTasks: json({
            tasks: [task("td:2", 100, "older"), task("td:1", 300, "other"), task("td:2", 200, "newer")],
          }),
        },
        async (reader, asked) => {
          assert.deepEqual(await reader.stopReasons("cluster", "service", "td:2"), ["newer", "older"]);
          assert.match(asked[0] ?? "", /"desiredStatus":"STOPPED"/);
        },
      ));

    it("are empty when ECS no longer lists any", () =>
      reading({ ListTasks: json({ taskArns: [] }) }, async (reader) =>
        assert.deepEqual(await reader.stopReasons("cluster", "service", "td:2"), []),
      ));

    it("do not hide the failure that they explain when they cannot be read", () =>
      reading({ ListTasks: denied }, async (reader) =>
        assert.deepEqual(await reader.stopReasons("cluster", "service", "td:2"), ["could not be read: not yours"]),
      ));

    for (const [stopped, text] of [
      [{}, "no reason given"],
      [{ stoppedReason: "Scaling activity" }, "Scaling activity"],
      [{ stoppedReason: "Exited", containers: [{ exitCode: 0 }] }, "Exited (exit code 0)"],
      [
        { stoppedReason: "Exited", containers: [{ exitCode: 137, reason: "OutOfMemoryError: killed" }] },
        "Exited (exit code 137: OutOfMemoryError: killed)",
      ],
      [{ stoppedReason: "Exited", containers: [{ exitCode: 3 }, { exitCode: 0 }] }, "Exited (exit code 3)"],
      [{ stoppedReason: "Failed", containers: [{ reason: "CannotPull" }, {}] }, "Failed (CannotPull)"],
    ] as const) {
      it(`read as "${text}"`, () => assert.equal(describeStop(stopped), text));
    }
  });
});
