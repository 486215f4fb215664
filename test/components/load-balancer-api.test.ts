import assert from "node:assert/strict";
import { loadBalancerApi } from "../../components/load-balancer-api";
import { withAws } from "../support/aws-answers";

const members = (of: readonly string[]) => of.map((each) => `<member>${each}</member>`).join("");
const answer = (action: string, result: string) => ({
  body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
});
const rule = (priority: number, weights: Readonly<Record<string, number>>) => {
  const groups = Object.entries(weights).map(
    ([arn, weight]) => `<TargetGroupArn>${arn}</TargetGroupArn><Weight>${weight}</Weight>`,
  );
  const forward = `<ForwardConfig><TargetGroups>${members(groups)}</TargetGroups></ForwardConfig>`;
  return `<Priority>${priority}</Priority><Actions>${members([forward])}</Actions>`;
};

/** The weights at priority 7 of a load balancer whose listeners have these rules. */
function weights(listeners: Readonly<Record<string, readonly string[]>>) {
  const arns = Object.keys(listeners).map((arn) => `<ListenerArn>${arn}</ListenerArn>`);
  const answers = {
    DescribeListeners: answer("DescribeListeners", `<Listeners>${members(arns)}</Listeners>`),
    DescribeRules: (form: URLSearchParams) =>
      answer("DescribeRules", `<Rules>${members(listeners[form.get("ListenerArn") ?? ""] ?? [])}</Rules>`),
  };
  return withAws(answers, async (url) => {
    const keys = { accessKeyId: "test", secretAccessKey: "test" };
    const reader = loadBalancerApi({ region: "eu-west-1", keys, assumeRoles: [], endpoints: { elbv2: url } });
    return reader.weights("balancer", 7);
  });
}

describe("what a load balancer does now", () => {
  it("is what its public rule says", async () =>
    assert.deepEqual(await weights({ http: [rule(6, { pin: 100 }), rule(7, { ecs: 90, eks: 10 })] }), {
      ecs: 90,
      eks: 10,
    }));

  it("is also what the load balancer does that is about to be replaced, unless that is gone", async () => {
    const groups = { old: "<ListenerArn>old</ListenerArn>", new: "" };
    const body =
      "<ErrorResponse><Error><Code>LoadBalancerNotFound</Code><Message>none</Message></Error></ErrorResponse>";
    const answers = {
      DescribeListeners: (form: URLSearchParams) => {
        const listener = Object.entries(groups).find(([arn]) => arn === form.get("LoadBalancerArn"))?.[1];
        if (listener === undefined) return { status: 400, body };
        return answer("DescribeListeners", `<Listeners>${members(listener ? [listener] : [])}</Listeners>`);
      },
      DescribeRules: answer("DescribeRules", `<Rules>${members([rule(7, { ecs: 100 })])}</Rules>`),
    };
    await withAws(answers, async (url) => {
      const keys = { accessKeyId: "test", secretAccessKey: "test" };
      const connection = { region: "eu-west-1", keys, assumeRoles: [], endpoints: { elbv2: url } };
      assert.deepEqual(await loadBalancerApi(connection, "old").weights("new", 7), { ecs: 100 });
      assert.deepEqual(await loadBalancerApi(connection, "gone").weights("new", 7), {});
    });
  });

  it("is shares in percent, whatever numbers somebody set by hand", async () => {
    assert.deepEqual(await weights({ http: [rule(7, { ecs: 1, eks: 0 })] }), { ecs: 100, eks: 0 });
    assert.deepEqual(await weights({ http: [rule(7, { ecs: 1, eks: 1 })] }), { ecs: 50, eks: 50 });
    assert.deepEqual(await weights({ http: [rule(7, { ecs: 0, eks: 0 })] }), { ecs: 0, eks: 0 });
  });

  it("is nothing before there is a rule", async () => {
    assert.deepEqual(await weights({}), {});
    assert.deepEqual(await weights({ http: [] }), {});
  });

  it("is what the listener does that still has the traffic, when another one is about to take it", async () =>
    assert.deepEqual(await weights({ https: [rule(6, { eks: 100 })], http: [rule(7, { ecs: 100 })] }), { ecs: 100 }));

  it("is the larger weight of a group that both have, after an update that broke off", async () => {
    const [fewer, more] = [[rule(7, { ecs: 10, eks: 90 })], [rule(7, { ecs: 100 })]];
    for (const listeners of [
      { https: fewer, http: more },
      { http: more, https: fewer },
    ])
      assert.deepEqual(await weights(listeners), { ecs: 100, eks: 90 });
  });
});
