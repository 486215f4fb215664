import assert from "node:assert/strict";
import { loadBalancerApi } from "../../../../components/aws/elb";
import { withAws } from "../../support/aws-answers";

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

/** Load balancers and their security groups. */
const loadBalancers = (groupByArn: Readonly<Record<string, string>>) => {
  const all = Object.entries(groupByArn).map(
    ([arn, group]) => `<LoadBalancerArn>${arn}</LoadBalancerArn><SecurityGroups>${members([group])}</SecurityGroups>`,
  );
  return answer("DescribeLoadBalancers", `<LoadBalancers>${members(all)}</LoadBalancers>`);
};

/** The weights at priority 7 of a load balancer whose listeners have these rules. */
function weights(listeners: Readonly<Record<string, readonly string[]>>) {
  const arns = Object.keys(listeners).map((arn) => `<ListenerArn>${arn}</ListenerArn>`);
  const answers = {
    DescribeLoadBalancers: loadBalancers({ balancer: "sg-1" }),
    DescribeListeners: answer("DescribeListeners", `<Listeners>${members(arns)}</Listeners>`),
    DescribeRules: (form: URLSearchParams) =>
      answer("DescribeRules", `<Rules>${members(listeners[form.get("ListenerArn") ?? ""] ?? [])}</Rules>`),
  };
  return withAws(answers, async (url) => {
    const keys = { accessKeyId: "test", secretAccessKey: "test" };
    const reader = loadBalancerApi({ region: "eu-west-1", keys, assumeRoles: [], endpoints: { elbv2: url } });
    return reader.weights({ loadBalancerArn: "balancer" }, 7);
  });
}

describe("LoadBalancerApi.weights", () => {
  it("reads the weights of the public rule", async () =>
    assert.deepEqual(await weights({ http: [rule(6, { pin: 100 }), rule(7, { ecs: 90, eks: 10 })] }), {
      ecs: 90,
      eks: 10,
    }));

  it("includes other load balancers of the stack that are pending deletion, also from an earlier update", async () => {
    const body =
      "<ErrorResponse><Error><Code>LoadBalancerNotFound</Code><Message>none</Message></Error></ErrorResponse>";
    const listeners: Readonly<Record<string, readonly string[]>> = { old: ["old"], new: [], foreign: ["foreign"] };
    const answers = {
      DescribeLoadBalancers: loadBalancers({ old: "sg-1", new: "sg-1", gone: "sg-1", foreign: "sg-2" }),
      DescribeListeners: (form: URLSearchParams) => {
        const found = listeners[form.get("LoadBalancerArn") ?? ""]?.map((arn) => `<ListenerArn>${arn}</ListenerArn>`);
        return found ? answer("DescribeListeners", `<Listeners>${members(found)}</Listeners>`) : { status: 400, body };
      },
      DescribeRules: (form: URLSearchParams) =>
        answer("DescribeRules", `<Rules>${members([rule(7, { [`ecs of ${form.get("ListenerArn")}`]: 100 })])}</Rules>`),
    };
    await withAws(answers, async (url) => {
      const keys = { accessKeyId: "test", secretAccessKey: "test" };
      const connection = { region: "eu-west-1", keys, assumeRoles: [], endpoints: { elbv2: url } };
      assert.deepEqual(await loadBalancerApi(connection).weights({ loadBalancerArn: "new" }, 7), { "ecs of old": 100 });
      assert.deepEqual(await loadBalancerApi(connection).weights({ loadBalancerArn: "foreign" }, 7), {
        "ecs of foreign": 100,
      });
    });
  });

  it("reads one listener of a shared load balancer: the others may have rules of other services at this priority", async () => {
    const answers = {
      DescribeRules: (form: URLSearchParams) => {
        const rules = [rule(7, { [`ecs of ${form.get("ListenerArn")}`]: 100 })];
        return answer("DescribeRules", `<Rules>${members(rules)}</Rules>`);
      },
    };
    await withAws(answers, async (url, asked) => {
      const keys = { accessKeyId: "test", secretAccessKey: "test" };
      const connection = { region: "eu-west-1", keys, assumeRoles: [], endpoints: { elbv2: url } };
      assert.deepEqual(await loadBalancerApi(connection).weights({ listenerArn: "https" }, 7), { "ecs of https": 100 });
      assert.equal(asked.length, 1);
    });
  });

  it("returns percentages, whatever weights somebody set by hand", async () => {
    assert.deepEqual(await weights({ http: [rule(7, { ecs: 1, eks: 0 })] }), { ecs: 100, eks: 0 });
    assert.deepEqual(await weights({ http: [rule(7, { ecs: 1, eks: 1 })] }), { ecs: 50, eks: 50 });
    assert.deepEqual(await weights({ http: [rule(7, { ecs: 0, eks: 0 })] }), { ecs: 0, eks: 0 });
  });

  it("returns nothing before the rule exists", async () => {
    assert.deepEqual(await weights({}), {});
    assert.deepEqual(await weights({ http: [] }), {});
  });

  it("returns the weights of the listener that still has the traffic while another one replaces it", async () =>
    assert.deepEqual(await weights({ https: [rule(6, { eks: 100 })], http: [rule(7, { ecs: 100 })] }), { ecs: 100 }));

  it("returns the larger weight of a group on both listeners, after an interrupted update", async () => {
    const [fewer, more] = [[rule(7, { ecs: 10, eks: 90 })], [rule(7, { ecs: 100 })]];
    for (const listeners of [
      { https: fewer, http: more },
      { http: more, https: fewer },
    ])
      assert.deepEqual(await weights(listeners), { ecs: 100, eks: 90 });
  });
});
