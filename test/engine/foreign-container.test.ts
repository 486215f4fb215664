import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { exampleStackFile } from "../support/examples";
import { ecsContainer } from "../support/parity/ecs";
import { podSpec } from "../support/parity/eks";
import { type Find, finder } from "../support/parity/received";
import { deployment, Flips, rule, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const targetGroup = "aws:lb/targetGroup:TargetGroup";
const networkPolicy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const binding = "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding";
const podService = "kubernetes:core/v1:Service";

describeWithEngine("A flip of somebody else's container", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;
  let find: Find;
  /** As in the stack file of the example. */
  let container: Readonly<Record<string, unknown>> = {
    preset: "fastapi",
    port: 8000,
    readinessPath: "/healthz",
    livenessPath: "/healthz",
    user: "1000:1000",
    startSeconds: 60,
  };

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

  /** Changes fields of the container, and asserts that these resources are replaced around the move of the traffic. */
  const replaced = async (fields: Readonly<Record<string, unknown>>, types: readonly string[]) => {
    container = { ...container, ...fields };
    sandbox.configure("dev", { "inference:container": container });
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    const moved = flips.since(mark, "end", "update", rule, /-public$/).atMs;
    for (const type of types) {
      assert.ok(flips.since(mark, "end", "create", type).atMs <= moved, `${type} was created after the traffic moved`);
      assert.ok(
        flips.since(mark, "begin", "delete", type).atMs >= moved,
        `${type} was deleted before the traffic moved`,
      );
    }
    return mark;
  };

  it("another readiness path on ECS starts a service and a group beside the old ones", async () => {
    await replaced({ readinessPath: "/started" }, [targetGroup, service]);
    assert.deepEqual(groups(), [[8000, "/started"]]);
  });

  it("the flip to EKS keeps port, paths and image, and moves traffic before ECS is deleted", async () => {
    const { image } = ecsContainer(find);
    const flip = await flips.to("eks");
    succeeds(flip);
    const pod = podSpec(find);
    const [only] = pod.containers;
    assert.ok(only);
    assert.equal(only.image, image);
    assert.deepEqual(only.ports, [{ name: "http", containerPort: 8000, protocol: "TCP" }]);
    assert.deepEqual(only.readinessProbe.httpGet, { path: "/started", port: 8000 });
    assert.deepEqual(only.livenessProbe.httpGet, { path: "/healthz", port: 8000 });
    assert.equal(pod.securityContext.runAsUser, 1000);
    assert.deepEqual(groups(), [[8000, "/started"]]);
    flips.assertOrder(flip.mark, deployment, service);
  });

  it("another port and readiness path on EKS keep the old port open and the old group in use until the traffic has moved", async () => {
    const mark = await replaced({ port: 9000, readinessPath: "/ready" }, [targetGroup, binding, networkPolicy]);
    assert.deepEqual(groups(), [[9000, "/ready"]]);
    const opened = flips.since(mark, "end", "create", networkPolicy).atMs;
    const rolled = flips.since(mark, "begin", "update", deployment).atMs;
    assert.ok(opened <= rolled, "pods were replaced before their port was open");
    assert.ok(!sandbox.changesSince(mark).some((change) => change.includes(podService)), "the Service names the port");
    succeeds(await sandbox.up("--expect-no-changes"));
  });
});
