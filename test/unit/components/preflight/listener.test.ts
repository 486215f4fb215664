import assert from "node:assert/strict";
import { runPreflight } from "../../../../components/preflight";
import { priorityProblems } from "../../../../components/preflight/listener";
import { type Cloud, offlineCloud } from "../../../../tools/offline/cloud";
import { withAws } from "../../support/aws-answers";
import { deployed } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: [],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const elb = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";
const listenerArn = `${elb}:listener/app/shared/0123456789abcdef/0123456789abcdef`;
const host = "cats.example.com";
const joined = { network, gateway: { listenerArn, priority: 3000, host } };

type Answers = Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>>;

const getListener = "aws:lb/getListener:getListener";
const getLoadBalancer = "aws:lb/getLoadBalancer:getLoadBalancer";

function answering(answers: Answers): Cloud {
  const offline = offlineCloud("eu-west-1", { network });
  return { ...offline, call: (args) => (answers[args.token] ?? (() => offline.call(args)))(args.inputs) };
}

/** The offline answer with other values in it. */
const answerWith = (token: string, own: Record<string, unknown>): Answers => ({
  [token]: (inputs) => ({ ...offlineCloud("eu-west-1", { network }).call({ token, inputs, provider: "" }), ...own }),
});

const members = (rules: Readonly<Record<string, number>>) =>
  Object.entries(rules).map(([name, priority]) => {
    const arn = `${elb}:listener-rule/app/shared/1/2/${name}`;
    return `<member><RuleArn>${arn}</RuleArn><Priority>${priority}</Priority></member>`;
  });

/** What a person reads, or "fits", beside these rules on the listener. */
async function told(
  own: Readonly<Record<string, unknown>>,
  answers: Answers = {},
  rules: Readonly<Record<string, number>> = {},
): Promise<string> {
  const byDefault =
    "<member><RuleArn>default</RuleArn><Priority>default</Priority><IsDefault>true</IsDefault></member>";
  const body = `<DescribeRulesResponse><DescribeRulesResult><Rules>${members(rules).join("")}${byDefault}</Rules></DescribeRulesResult></DescribeRulesResponse>`;
  return withAws({ DescribeRules: { body } }, async (url) => {
    const keys = { accessKeyId: "test", secretAccessKey: "test" };
    const connection = { region: "eu-west-1", keys, assumeRoles: [], endpoints: { elbv2: url } };
    let message = "fits";
    await deployed(async () => {
      await runPreflight(settingsOf(own), connection).catch((error: Error) => {
        message = error.message;
      });
    }, answering(answers));
    return message.replace(/^Stack test: \d+ problems? found in the AWS account\n {2}/, "");
  });
}

const refusedArn = (expected: string) => `gateway.listenerArn is "${listenerArn}"; expected ${expected}`;

describe("Preflight of a listener of somebody else", () => {
  it("accepts one in the stack's VPC with free priorities", async () =>
    assert.equal(await told(joined, {}, { below: 2999, above: 4000 }), "fits"));

  it("refuses one that does not exist, of another account or of another VPC", async () => {
    const none: Answers = {
      [getListener]: () => {
        throw Object.assign(new Error("failed"), { details: "couldn't find resource" });
      },
    };
    assert.equal(await told(joined, none), refusedArn("a listener that exists in eu-west-1"));
    const foreign = { ...joined.gateway, listenerArn: listenerArn.replace("123456789012", "210987654321") };
    assert.match(await told({ network, gateway: foreign }), /expected a listener in the account 123456789012$/);
    assert.equal(
      await told(joined, answerWith(getLoadBalancer, { vpcId: "vpc-99999999" })),
      refusedArn("a listener of a load balancer in vpc-0123abcd, the stack's VPC; this one is in vpc-99999999"),
    );
  });

  it("refuses authentication, keys and production over plain HTTP", async () => {
    const plain = answerWith(getListener, { protocol: "HTTP", port: 80 });
    const apiKeys = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-AbCdEf";
    const auth = { jwt: { issuer: "id", jwksUri: "https://id.example.com/keys", claims: { aud: { values: ["a"] } } } };
    const https = "the load balancer authenticates callers only there";
    assert.equal(await told({ ...joined, auth }, plain), `auth is ["jwt"]; expected an HTTPS listener: ${https}`);
    const keys = "an HTTPS listener with apiKeys: over plain HTTP anyone on the path can read a key";
    assert.equal(await told({ ...joined, apiKeys }, plain), refusedArn(keys));
    const inside = answerWith(getLoadBalancer, { internal: true });
    assert.equal(await told({ ...joined, apiKeys }, { ...plain, ...inside }), "fits");
    const production = "an HTTPS listener, because protect is true; or set allowHttp: true";
    assert.equal(await told({ ...joined, protect: true, allowHttp: false }, plain), refusedArn(production));
    assert.equal(await told({ ...joined, protect: true, allowHttp: true }, plain), "fits");
    assert.equal(await told({ ...joined, auth, apiKeys, protect: true, allowHttp: false }), "fits");
  });

  it("refuses replicas in zones that the load balancer does not serve", async () =>
    assert.equal(
      await told(joined, answerWith(getLoadBalancer, { subnets: ["subnet-0000000c"] })),
      'network.privateSubnetIds is ["eu-west-1b"]; expected subnets in the zones of the load balancer (eu-west-1a): in others replicas get no requests',
    ));

  it("refuses a load balancer that keeps connections longer than the container", async () => {
    const slow = answerWith(getLoadBalancer, { idleTimeout: 300 });
    const expected =
      "300 or more, the idle timeout of the load balancer: a server that closes a connection sooner causes 502";
    assert.equal(await told(joined, slow), `container.idleSeconds is 60; expected ${expected}`);
    assert.equal(await told({ ...joined, container: { idleSeconds: 300 } }, slow), "fits");
  });

  it("refuses a block with rules of other services, but not with the stack's own", async () => {
    assert.equal(
      await told(joined, {}, { dogs: 3999, birds: 1000 }),
      "gateway.priority is 3000; expected the first of 1000 priorities without rules of other services, such as 2000; 3999 in its block is taken",
    );
    const own = [{ arn: "own", listenerArn }];
    assert.deepEqual(priorityProblems({ priority: 3000 }, { rules: own }, [{ arn: "own", priority: 3973 }]), []);
  });

  it("refuses to move a running stack to another listener, or between one of its own and one of somebody else", async () => {
    const runs = (...resources: readonly object[]): Answers => ({
      "pulumi:pulumi:readStackResourceOutputs": () => ({ outputs: { ...resources } }),
    });
    const ruleOn = (arn: string) => ({
      type: "aws:lb/listenerRule:ListenerRule",
      outputs: { arn: "r", listenerArn: arn },
    });
    const balancer = { type: "aws:lb/loadBalancer:LoadBalancer", outputs: { vpcId: "vpc-0123abcd" } };
    const lost = "Callers would lose the URL";
    assert.match(await told(joined, runs(balancer, ruleOn("own"))), new RegExp(`expected no gateway: .*${lost}`));
    assert.match(await told(joined, runs(ruleOn("other"))), new RegExp(`expected other, the listener .*${lost}`));
    assert.equal(await told(joined, runs(ruleOn(listenerArn))), "fits");
    const own = { network: { ...network, publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"] } };
    assert.match(
      await told(own, runs(ruleOn(listenerArn))),
      new RegExp(`gateway.listenerArn is missing; expected ${listenerArn}, the listener .*${lost}`),
    );
    assert.doesNotMatch(await told(own, runs(balancer, ruleOn("own"))), /gateway/);
  });
});
