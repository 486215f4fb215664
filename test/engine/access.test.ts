import assert from "node:assert/strict";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const roleType = "aws:iam/role:Role";
const boundary = "arn:aws:iam::123456789012:policy/boundary";

describeWithEngine("Permissions boundary", (open) => {
  let sandbox: Sandbox;
  const roles = () => sandbox.account.of(roleType);

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev", { "inference:target": "both", "inference:permissionsBoundary": boundary });
  });

  it("is refused before the first resource when it does not exist", async () => {
    sandbox.configure("dev", { "inference:permissionsBoundary": boundary.replace("boundary", "missing") });
    const { code, output } = await sandbox.up();
    sandbox.configure("dev", { "inference:permissionsBoundary": boundary });
    assert.notEqual(code, 0);
    assert.match(output, /permissionsBoundary is "arn:aws:iam::123456789012:policy\/missing"; expected a policy that/);
    assert.deepEqual(sandbox.changesSince(0), []);
  });

  it("is on every role from its creation on, those inside the cluster's component included", async () => {
    succeeds(await sandbox.up());
    const names = roles().map(({ name }) => name);
    const own = ["inference-execution", "inference-observability", "inference-pod", "inference-task"];
    assert.deepEqual(names.sort(), [...own, "inference-eksRole-role", "inference-nodeRole-role"].sort());
    for (const { name, inputs } of roles()) assert.equal(inputs.permissionsBoundary, boundary, name);
  });

  it("is taken off a running stack without replacing a role", async () => {
    const mark = sandbox.mark();
    sandbox.configure("dev", { "inference:permissionsBoundary": undefined });
    succeeds(await sandbox.up());
    for (const { name, inputs } of roles()) assert.equal(inputs.permissionsBoundary, undefined, name);
    assert.deepEqual(
      sandbox.changesSince(mark).sort(),
      roles()
        .map(({ name }) => `update ${roleType} ${name}`)
        .sort(),
    );
  });
});
