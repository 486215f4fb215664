import assert from "node:assert/strict";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const persistentVolume = "kubernetes:core/v1:PersistentVolume";
const claim = "kubernetes:core/v1:PersistentVolumeClaim";
const [first, second] = ["fs-0123456789abcdef0", "fs-0123456789abcdef1"];

describeWithEngine("Volumes", (open) => {
  let sandbox: Sandbox;
  const mount = (efs?: string) =>
    sandbox.configure("dev", { "inference:volumes": efs && { models: { efs, path: "/models" } } });
  const nfs = { securityGroupId: "sg-0123456789abcdef0", ipProtocol: "tcp", fromPort: 2049, toPort: 2049 };

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev", { "inference:target": "both", "inference:network": network });
    succeeds(await sandbox.up());
  });

  it("are refused before the first change while their mount targets are closed", async () => {
    const mark = sandbox.mark();
    mount(first);
    const { code, output } = await sandbox.up();
    assert.notEqual(code, 0);
    assert.match(output, /volumes\.models\.efs is "fs-0123456789abcdef0"; expected mount targets that admit TCP 2049/);
    assert.deepEqual(sandbox.changesSince(mark), []);
    sandbox.account.add(rule, "nfs", "sgr-nfs", { ...nfs, cidrIpv4: "10.0.0.0/16" });
  });

  it("are added to a running stack on both platforms", async () => {
    succeeds(await sandbox.up());
    const { account } = sandbox;
    const [volume, claimed] = [account.of(persistentVolume), account.of(claim)];
    assert.deepEqual([volume.length, claimed.length], [1, 1]);
    assert.equal(account.of("aws:ec2/securityGroupRule:SecurityGroupRule").length, 1);
  });

  it("give way to another file system: a new volume and a new claim, and the old ones go", async () => {
    const mark = sandbox.mark();
    mount(second);
    succeeds(await sandbox.up());
    const changes = sandbox.changesSince(mark).filter((change) => change.includes("PersistentVolume"));
    const [volumeName, claimName] = [persistentVolume, claim].map((type) => `${type} inference-efs-models`);
    assert.deepEqual(changes, [
      `create ${volumeName}`,
      `create ${claimName}`,
      `delete ${claimName}`,
      `delete ${volumeName}`,
    ]);
    const specs = sandbox.account.of(persistentVolume).map(({ inputs }) => inputs.spec as { csi: object });
    assert.deepEqual(
      specs.map(({ csi }) => csi),
      [{ driver: "efs.csi.aws.com", volumeHandle: second }],
    );
  });

  it("leave nothing behind when they are removed", async () => {
    mount(undefined);
    succeeds(await sandbox.up());
    const types = [persistentVolume, claim, "aws:ec2/securityGroupRule:SecurityGroupRule"];
    for (const type of types) assert.deepEqual(sandbox.account.of(type), [], type);
  });
});
