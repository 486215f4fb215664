import assert from "node:assert/strict";
import { rootName } from "../../../../components/core/short-name";
import { ecsServices, fromState, plainValues, urlOf } from "../../../../tools/stack/deployed";

const resource = (type: string, name: string, outputs: Record<string, unknown>) => ({
  type,
  urn: `urn:pulumi:dev::my-project::parent$${type}::${name}`,
  outputs,
});
const inState = (...resources: ReturnType<typeof resource>[]) => fromState({ deployment: { resources } });

describe("fromState", () => {
  it("reads the outputs from the stack's own resource", () => {
    const outputs = { url: "https://api.example.com" };
    assert.deepEqual(inState(resource("pulumi:pulumi:Stack", "my-project-dev", outputs)).outputs, outputs);
  });

  it("finds nothing in a stack that was never deployed", () =>
    assert.deepEqual(fromState({}), { resources: [], outputs: {} }));
});

describe("plainValues", () => {
  it("reads the values of pulumi config --json", () => {
    const config = { "aws:region": { value: "eu-west-1", secret: false }, "aws:endpoints": { value: '[{"ecs":"u"}]' } };
    assert.deepEqual(plainValues(config), { "aws:region": "eu-west-1", "aws:endpoints": '[{"ecs":"u"}]' });
  });
});

describe("ecsServices", () => {
  it("reads services, cluster and log group from the outputs", () => {
    const outputs = { ecsClusterName: "c", ecsServiceNames: { ecs: "s" }, logGroupName: "l", url: "u" };
    const found = ecsServices(inState(resource("pulumi:pulumi:Stack", "my-project-dev", outputs)));
    assert.deepEqual(found, { cluster: "c", services: { ecs: "s" }, logGroupName: "l" });
  });

  it("finds the services of a failed first deployment, which has no outputs", () => {
    const cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/my-project-1";
    const found = ecsServices(
      inState(
        resource("aws:ecs/service:Service", "my-project-ecs", { name: "my-project-ecs-2", cluster }),
        resource("aws:cloudwatch/logGroup:LogGroup", "my-project-eks", { name: "others" }),
        resource("aws:cloudwatch/logGroup:LogGroup", "my-project-ecs", { name: "logs-3" }),
      ),
    );
    assert.deepEqual(found, {
      cluster: "my-project-1",
      services: { ecs: "my-project-ecs-2" },
      logGroupName: "logs-3",
    });
  });

  it("reads the variant from a name that was shortened for AWS", () => {
    const project = "a-project-of-many-words";
    const urn = `urn:pulumi:dev::${project}::parent$aws:ecs/service:Service::${rootName(project)}-ecs`;
    const service = { type: "aws:ecs/service:Service", urn, outputs: { name: "service-2", cluster: "cluster/c" } };
    assert.deepEqual(ecsServices({ outputs: {}, resources: [service] })?.services, { ecs: "service-2" });
  });

  it("returns undefined without a service", () => assert.equal(ecsServices(fromState({})), undefined));
});

describe("urlOf", () => {
  it("returns the stack's output, or refuses with the fix", () => {
    assert.equal(urlOf({ name: "dev", outputs: { url: "u" } }), "u");
    assert.throws(
      () => urlOf({ name: "dev", outputs: {} }),
      /^Error: Stack dev has no output url\. Deploy it: pulumi up$/,
    );
    assert.throws(() => urlOf({ outputs: {} }), /^Error: The selected stack has no output url\./);
  });
});
