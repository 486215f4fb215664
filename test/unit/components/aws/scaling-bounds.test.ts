import assert from "node:assert/strict";
import { RunError } from "@pulumi/pulumi";
import { type BoundsApi, boundsApi, enforceBounds } from "../../../../components/aws/scaling-bounds";
import type { Bounds } from "../../../../components/core/schedule";
import { type AwsAnswer, withAws } from "../../support/aws-answers";

const resourceId = "service/cluster/service";
const json = (body: object): AwsAnswer => ({ body: JSON.stringify(body) });

function asking<T>(
  answers: Readonly<Record<string, AwsAnswer>>,
  test: (api: BoundsApi, asked: readonly string[]) => Promise<T>,
) {
  return withAws(answers, (url, asked) => {
    const keys = { accessKeyId: "A", secretAccessKey: "S" };
    const endpoints = { applicationautoscaling: url };
    return test(boundsApi({ region: "eu-west-1", keys, assumeRoles: [], endpoints }), asked);
  });
}

const sent = (asked: readonly string[]) =>
  asked.map((call) => [call.split(" ")[0], JSON.parse(call.slice(call.indexOf("{")))]);

describe("boundsApi", () => {
  const ofTasks = { ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount" };

  it("reads the live bounds of a service", () =>
    asking(
      { DescribeScalableTargets: json({ ScalableTargets: [{ MinCapacity: 0, MaxCapacity: 3 }] }) },
      async (api, asked) => {
        assert.deepEqual(await api.bounds(resourceId), { min: 0, max: 3 });
        assert.deepEqual(sent(asked), [["DescribeScalableTargets", { ...ofTasks, ResourceIds: [resourceId] }]]);
      },
    ));

  it("registers the target with other bounds", () =>
    asking({ RegisterScalableTarget: json({}) }, async (api, asked) => {
      await api.setBounds(resourceId, { min: 2, max: 8 });
      const input = { ...ofTasks, ResourceId: resourceId, MinCapacity: 2, MaxCapacity: 8 };
      assert.deepEqual(sent(asked), [["RegisterScalableTarget", input]]);
    }));

  it("names a target that does not exist", () =>
    asking({ DescribeScalableTargets: json({ ScalableTargets: [] }) }, (api) =>
      assert.rejects(
        api.bounds(resourceId),
        /Application Auto Scaling has no scalable target service\/cluster\/service/,
      ),
    ));
});

describe("enforceBounds", () => {
  async function enforced(live: Bounds, wanted: Bounds) {
    const set: Bounds[] = [];
    const reported: string[] = [];
    const api = { bounds: async () => live, setBounds: async (_: string, bounds: Bounds) => void set.push(bounds) };
    await enforceBounds(resourceId, wanted, api, (text) => reported.push(text));
    return { set, reported };
  }

  it("sets the bounds when the live ones differ, and reports both", async () => {
    const { set, reported } = await enforced({ min: 0, max: 0 }, { min: 2, max: 8 });
    assert.deepEqual(set, [{ min: 2, max: 8 }]);
    assert.deepEqual(reported, ["service/cluster/service: replicas were 0 to 0, now 2 to 8"]);
  });

  for (const live of [
    { min: 2, max: 4 },
    { min: 1, max: 8 },
  ]) {
    it(`sets them when one of the two differs: ${live.min} to ${live.max}`, async () =>
      assert.deepEqual((await enforced(live, { min: 2, max: 8 })).set, [{ min: 2, max: 8 }]));
  }

  it("sets nothing when the live ones are right", async () =>
    assert.deepEqual(await enforced({ min: 2, max: 8 }, { min: 2, max: 8 }), { set: [], reported: [] }));

  it("fails with the service, the bounds and the reason when AWS refuses", async () => {
    const refuses = () => Promise.reject(new Error("not yours"));
    const api = { bounds: refuses, setBounds: refuses };
    await assert.rejects(
      enforceBounds(resourceId, { min: 2, max: 8 }, api, () => {}),
      (error) => {
        assert.ok(error instanceof RunError);
        assert.equal(error.message, "Could not set the replicas of service/cluster/service to 2 to 8: not yours");
        return true;
      },
    );
  });
});
