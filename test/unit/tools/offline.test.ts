import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as aws from "@pulumi/aws";
import { version } from "@pulumi/aws/package.json";
import * as pulumi from "@pulumi/pulumi";
import { type Cloud, evaluate, evaluateStack, ofType } from "../../../tools/offline";
import { offlineCloud } from "../../../tools/offline/cloud";
import { projectFolder } from "../../../tools/stack/file";

const region = "eu-west-1";
const cluster = "aws:ecs/cluster:Cluster";

const run = (program: () => unknown, cloud: Cloud = offlineCloud(region)) =>
  evaluate(program, { project: "inference", stack: "test", config: { "aws:region": region }, cloud });

class Unknown extends pulumi.CustomResource {
  constructor(name: string) {
    super("aws:none/such:Thing", name, {});
  }
}

describe("evaluateStack and evaluate", () => {
  it("records inputs and options of every resource", async () => {
    const { resources, outputs } = await run(() => {
      const first = new aws.ecs.Cluster("first", { settings: [{ name: "containerInsights", value: "enhanced" }] });
      const second = new aws.cloudwatch.LogGroup(
        "second",
        { retentionInDays: 7 },
        {
          dependsOn: first,
          protect: true,
          replaceWith: [first],
          replacementTrigger: first.name,
          retainOnDelete: true,
          ignoreChanges: ["tags"],
          replaceOnChanges: ["name"],
          customTimeouts: { create: "1m", update: "2m", delete: "3m" },
        },
      );
      return { name: second.name };
    });
    const [first, second] = [cluster, "aws:cloudwatch/logGroup:LogGroup"].map((type) => ofType({ resources }, type)[0]);
    assert.deepEqual(first?.inputs, { settings: [{ name: "containerInsights", value: "enhanced" }] });
    assert.deepEqual(second?.dependencies, [first?.urn]);
    assert.deepEqual(second?.options, {
      version,
      protect: true,
      replaceWith: [first?.urn],
      replacementTrigger: "first",
      retainOnDelete: true,
      ignoreChanges: ["tags"],
      replaceOnChanges: ["name"],
      aliases: [],
      hooks: {},
      customTimeouts: { create: "1m", update: "2m", delete: "3m" },
    });
    assert.deepEqual(outputs, { name: "second" });
  });

  it("prints a refusal once, and nothing beside it", function () {
    this.timeout(60_000);
    const refused = `require("./tools/cli/run").run(() =>
      require("./tools/offline").evaluateStack("dev", { overrides: { cpu: 1 } }))`;
    const { status, stderr } = spawnSync(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", refused], {
      cwd: projectFolder,
      encoding: "utf8",
    });
    assert.match(stderr, /^Configuration of stack dev: 1 problem\n {2}cpu is "1"; expected one of [\d, ]+\n$/);
    assert.equal(status, 1);
  });

  it("waits for resources that an apply declares late", async () => {
    const { resources } = await run(() => {
      new aws.ecs.Cluster("early", {}).arn.apply(
        (arn) => new aws.ecs.Cluster("late", { settings: [{ name: "x", value: arn }] }),
      );
      return {};
    });
    assert.deepEqual(
      ofType({ resources }, cluster).map(({ name }) => name),
      ["early", "late"],
    );
  });

  it("shows secret inputs as values and lists their names", async () => {
    const { resources } = await run(() => {
      new aws.iam.RolePolicy("own", { role: "role", policy: pulumi.secret("hidden") });
      return {};
    });
    const [policy] = ofType({ resources }, "aws:iam/rolePolicy:RolePolicy");
    assert.deepEqual([policy?.inputs.policy, policy?.secretInputs], ["hidden", ["policy"]]);
  });

  it("applies the program's transforms to what is declared after them", async () => {
    const { resources } = await run(() => {
      pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
        type === cluster ? { props: { ...props, name: "changed" }, opts } : undefined,
      );
      new aws.ecs.Cluster("own", { name: "given", settings: [{ name: "a", value: pulumi.secret("hidden") }] });
      new aws.iam.Role("role", { name: "given", assumeRolePolicy: "{}" });
      return {};
    });
    const [own] = ofType({ resources }, cluster);
    assert.deepEqual(own?.inputs, { name: "changed", settings: [{ name: "a", value: "hidden" }] });
    assert.deepEqual(own?.secretInputs, ["settings"]);
    assert.equal(ofType({ resources }, "aws:iam/role:Role")[0]?.inputs.name, "given");
  });

  it("refuses a resource type without outputs in the offline cloud", async () =>
    assert.rejects(
      run(() => void new Unknown("thing")),
      /the offline cloud has no aws:none\/such:Thing: add its outputs to tools\/offline\/cloud\.ts/,
    ));

  it("refuses a call without an answer in the offline cloud", async () =>
    assert.rejects(
      run(async () => {
        await aws.getBillingServiceAccount();
      }),
      /the offline cloud cannot answer aws:index\/getBillingServiceAccount:getBillingServiceAccount: add its answer/,
    ));

  it("names an output that the program reads and the cloud leaves undefined", async () => {
    const offline = offlineCloud(region);
    const forgetful: Cloud = { ...offline, create: ({ name, inputs }) => ({ id: name, state: { ...inputs } }) };
    await assert.rejects(
      run(() => {
        const { arn } = new aws.ecs.Cluster("own", {});
        new aws.ecs.Service("service", { cluster: arn });
        return {};
      }, forgetful),
      /^Error: the offline cloud left these outputs undefined:\n {2}aws:ecs\/cluster:Cluster own: arn$/,
    );
  });

  it("rejects with the program's own error", async () =>
    assert.rejects(
      run(() => {
        throw new Error("the program's own");
      }),
      /^Error: the program's own$/,
    ));

  it("keeps nothing of one program for the next", async () => {
    const declare = (name: string) => run(() => void new aws.ecs.Cluster(name, {}));
    await declare("first");
    assert.deepEqual(
      ofType(await declare("second"), cluster).map(({ name }) => name),
      ["second"],
    );
  });

  it("works after a program that failed", async () => {
    await assert.rejects(run(() => Promise.reject(new Error("x"))));
    assert.equal(ofType(await run(() => void new aws.ecs.Cluster("own", {})), cluster).length, 1);
  });

  it("gives a stack the same plan twice", async () => {
    const shape = async () => (await evaluateStack("dev")).resources.map(({ urn, inputs }) => [urn, inputs]).sort();
    assert.deepEqual(await shape(), await shape());
  });

  it("replaces values of the stack file by overrides", async () => {
    const overrides = { "aws:region": "eu-central-1", logRetentionDays: 365 };
    const { resources, outputs } = await evaluateStack("dev", { overrides });
    assert.match(String(outputs.url), /eu-central-1/);
    assert.equal(ofType({ resources }, "aws:cloudwatch/logGroup:LogGroup")[0]?.inputs.retentionInDays, 365);
  });

  it("names a missing stack file", async () => assert.rejects(evaluateStack("nowhere"), /Pulumi\.nowhere\.yaml/));
});
