import assert from "node:assert/strict";
import { Flips } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const given = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};

describeWithEngine("Changes of network on a running stack", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    await sandbox.createStack("dev");
    succeeds(await sandbox.up());
  });

  const assertRefused = async (network: object, expected: RegExp, target = "ecs") => {
    const { code, output, mark } = await flips.to(target, { "inference:network": network });
    assert.equal(code, 1, output);
    assert.match(output, expected);
    assert.deepEqual(sandbox.changesSince(mark), []);
  };

  it("a change of network.cidr is refused, and the error describes how to move", () =>
    assertRefused(
      { cidr: "10.1.0.0/16" },
      /network\.cidr is "10\.1\.0\.0\/16"; expected 10\.0\.0\.0\/16, .*second stack.*pulumi destroy/,
    ));

  it("a change to an existing VPC is refused", () =>
    assertRefused(given, /network\.vpcId is "vpc-0123abcd"; expected no vpcId.*second stack/));

  it("a change of network.zones is refused while the stack has its own cluster", async () => {
    succeeds(await flips.to("eks", { "inference:network": {} }));
    await assertRefused({ zones: 3 }, /network\.zones is 3; expected 2, .*cluster/, "eks");
  });

  it("network.zones can change in the update that removes the cluster", async () => {
    succeeds(await flips.to("ecs", { "inference:network": { zones: 3 } }));
  });

  it("a change from an existing VPC to an own or another VPC is refused", async () => {
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    succeeds(await flips.to("ecs", { "inference:network": given }));
    succeeds(await sandbox.up("--expect-no-changes"));
    await assertRefused({}, /network\.vpcId is missing; expected vpc-0123abcd, .*second stack/);
    await assertRefused(
      { ...given, vpcId: "vpc-0fedcba9" },
      /network\.vpcId is "vpc-0fedcba9"; expected vpc-0123abcd, .*second stack/,
    );
  });
});
