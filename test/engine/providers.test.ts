import assert from "node:assert/strict";
import type { Sandbox } from "./support/sandbox";
import { describeWithEngine } from "./support/suite";

interface State {
  readonly deployment: {
    readonly resources: readonly {
      readonly urn: string;
      readonly type: string;
      readonly provider?: string;
      readonly inputs?: Readonly<Record<string, unknown>>;
    }[];
  };
}

const tags = '{"tags":{"project":"inference","stack":"dev"}}';

describeWithEngine("pulumi:disable-default-providers", (open) => {
  let sandbox: Sandbox;
  let resources: State["deployment"]["resources"];

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev", { "inference:target": "both", "pulumi:disable-default-providers": ["*"] });
  });

  it("a preview works without default providers", async () => {
    await sandbox.must("preview");
  });

  it("an update to both works without default providers", async () => {
    await sandbox.must("up", "--yes", "--skip-preview", "--suppress-progress");
    resources = (JSON.parse((await sandbox.must("stack", "export")).stdout) as State).deployment.resources;
    assert.doesNotMatch(sandbox.transcript, /There is a conflict/);
  });

  it("awsx and eks create their AWS resources through the provider with the default tags", () => {
    const provider = resources.find(({ type }) => type === "pulumi:providers:aws");
    assert.equal(provider?.inputs?.defaultTags, tags);
    const parts = resources.filter(
      ({ urn, type }) => /\$(awsx:ec2:Vpc|eks:index:Cluster)\$/.test(urn) && type.startsWith("aws:"),
    );
    for (const type of ["aws:ec2/natGateway:NatGateway", "aws:iam/role:Role"])
      assert.ok(
        parts.some((part) => part.type === type),
        type,
      );
    assert.deepEqual(
      [...new Set(parts.map((part) => part.provider?.split("::").slice(0, 4).join("::")))],
      [provider?.urn],
    );
  });

  it("destroy works without default providers", async () => {
    await sandbox.must("destroy", "--yes", "--skip-preview");
  });
});
