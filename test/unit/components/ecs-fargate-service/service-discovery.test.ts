import assert from "node:assert/strict";
import { ecsService } from "../../support/ecs-program";
import { declared } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const namespace = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace";
const entry = "aws:servicediscovery/service:Service";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const callers = ["sg-0123abcd", "sg-4567abcd"];

/** What the one variant tells of where it is found. */
async function found(own: Readonly<Record<string, unknown>>) {
  const plan = await declared(() => ({ found: ecsService(own).deployments[0]?.access }));
  return plan.outputs.found as Record<string, string>;
}

describe("ECS service discovery", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await declared(() => void ecsService({ internalCallers: callers }));
  });

  it("exists only with internalCallers, and so do its ingress rules", async () => {
    const closed = await declared(() => void ecsService());
    assert.deepEqual([...closed.all(namespace), ...closed.all(entry)], []);
    assert.equal(closed.all(ingress).length, 1);
    assert.equal((await found({})).internalUrl, undefined);
  });

  it("names each variant in a private zone of the stack", async () => {
    assert.deepEqual(plain.one(namespace).inputs, { name: "inference-test.internal", vpc: "vpc-1" });
    const { name, dnsConfig, healthCheckCustomConfig } = plain.one(entry).inputs;
    assert.equal(name, "ecs");
    assert.deepEqual(dnsConfig, {
      namespaceId: "inference-id",
      routingPolicy: "MULTIVALUE",
      dnsRecords: [{ type: "A", ttl: 10 }],
    });
    assert.deepEqual(healthCheckCustomConfig, { failureThreshold: 1 }, "ECS says which tasks are well");
    assert.equal((await found({ internalCallers: callers })).internalUrl, "http://ecs.inference-test.internal:8080");
  });

  it("contains the service's tasks", () => {
    const { serviceRegistries } = plain.one("aws:ecs/service:Service").inputs;
    const arn = "arn:aws:servicediscovery:eu-west-1:123456789012:service/inference-ecs";
    assert.deepEqual(serviceRegistries, { registryArn: arn });
  });

  it("allows only the named security groups, on one port", () => {
    const opened = plain
      .all(ingress)
      .map(({ inputs }) => [inputs.referencedSecurityGroupId, inputs.fromPort, inputs.toPort]);
    assert.deepEqual(
      opened.sort(),
      ["sg-0123abcd", "sg-4567abcd", "sg-gateway"].map((group) => [group, 8080, 8080]),
    );
    for (const { inputs } of plain.all(ingress)) assert.equal(inputs.cidrIpv4, undefined);
  });
});

describe("Access commands of an ECS variant", () => {
  it("have the cluster and the log", async () =>
    assert.deepEqual(await found({}), {
      cluster: "inference",
      logs: "aws logs tail --follow --region eu-west-1 inference-ecs",
    }));

  it("have a shell with exec", async () =>
    assert.equal(
      (await found({ exec: true })).shell,
      "aws ecs execute-command --region eu-west-1 --cluster inference --task $(aws ecs list-tasks --region eu-west-1 --cluster inference --service-name inference-ecs --query 'taskArns[0]' --output text) --container inference --interactive --command sh",
    ));
});
