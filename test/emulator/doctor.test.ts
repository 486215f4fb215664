import assert from "node:assert/strict";
import { describeOnEmulator } from "./support/suite";

describeOnEmulator("npm run doctor, on the emulator", (scene) => {
  it("reads account, preflight and quotas through the AWS provider", async () => {
    await scene().createStack("dev", "dev", { "inference:target": "both" });
    const { output } = await scene().sandbox.script("doctor", "--stack", "dev");
    const text = output.replace(/\n +/g, " ");
    assert.match(text, /^ok +region +us-east-1: ECR, load balancing, ECS, EKS answer\.$/m);
    assert.match(text, /^ok +account +Signed in to account \d{12} and its registry\.$/m);
    assert.match(text, /^ok +preflight +pulumi up will refuse nothing that the account decides\.$/m);
    // Every account has a default VPC.
    assert.match(text, /^ok +quotas +VPCs: 1 of 5 in use; with this stack 2 at most\.$/m);
    for (const [title, most] of [
      ["Fargate vCPU on demand: 0", 0.5],
      ["Elastic IP addresses: 0", 1],
      ["Application Load Balancers: 0", 1],
      ["EKS clusters: 0", 1],
    ])
      assert.match(text, new RegExp(`^ok +quotas +${title} of 5 in use; with this stack ${most} at most\\.$`, "m"));
  });
});
