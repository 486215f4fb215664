import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { exampleStackFile } from "../support/examples";
import { ecsContainer } from "../support/parity/ecs";
import { podSpec } from "../support/parity/eks";
import { type Find, finder } from "../support/parity/received";
import { deployment, Flips, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const targetGroup = "aws:lb/targetGroup:TargetGroup";

describeWithEngine("A flip of somebody else's container", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;
  let find: Find;

  before(async () => {
    sandbox = await open();
    find = finder((type) => sandbox.account.of(type));
    flips = new Flips(sandbox);
    copyFileSync(exampleStackFile("fastapi-pytorch"), join(sandbox.project, "Pulumi.dev.yaml"));
    await sandbox.createStack("dev");
    succeeds(await sandbox.up());
  });

  const groups = () =>
    sandbox.account.of(targetGroup).map(({ inputs }) => [inputs.port, (inputs.healthCheck as { path: string }).path]);

  it("examples/fastapi-pytorch goes up on ECS with its port, its paths and its user", () => {
    const { portMappings, user, readonlyRootFilesystem } = ecsContainer(find);
    assert.deepEqual([portMappings[0]?.containerPort, user, readonlyRootFilesystem], [8000, "1000:1000", false]);
    assert.deepEqual(groups(), [[8000, "/healthz"]]);
  });

  it("the flip to EKS keeps port, paths and image, and moves traffic before ECS is deleted", async () => {
    const { image } = ecsContainer(find);
    const flip = await flips.to("eks");
    succeeds(flip);
    const pod = podSpec(find);
    const [container] = pod.containers;
    assert.ok(container);
    assert.equal(container.image, image);
    assert.deepEqual(container.ports, [{ containerPort: 8000, protocol: "TCP" }]);
    assert.deepEqual(container.readinessProbe.httpGet, { path: "/healthz", port: 8000 });
    assert.deepEqual(container.livenessProbe.httpGet, { path: "/healthz", port: 8000 });
    assert.equal(pod.securityContext.runAsUser, 1000);
    assert.deepEqual(groups(), [[8000, "/healthz"]]);
    flips.assertOrder(flip.mark, deployment, service);
  });
});
