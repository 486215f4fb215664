import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import { exampleStackFile, examples } from "../support/examples";
import { ecsContainer } from "../support/parity/ecs";
import { podSpec } from "../support/parity/eks";
import { type Find, finder } from "../support/parity/received";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

describeWithEngine("The examples on ECS and on EKS at once", (open) => {
  let sandbox: Sandbox;
  let find: Find;
  before(async () => {
    sandbox = await open();
    find = finder((type) => sandbox.account.of(type));
  });

  for (const { folder, port, readiness, args, user } of examples) {
    it(`${folder} goes up, keeps its port, its paths and its user, and is destroyed`, async () => {
      const stack = basename(folder);
      copyFileSync(exampleStackFile(folder), join(sandbox.project, `Pulumi.${stack}.yaml`));
      await sandbox.createStack(stack, { "inference:target": "both" });
      succeeds(await sandbox.up("--stack", stack));

      const task = ecsContainer(find);
      assert.deepEqual([task.portMappings[0]?.containerPort, task.user], [port, user]);
      const [pod] = podSpec(find).containers;
      assert.ok(pod);
      assert.deepEqual([pod.ports, pod.args], [[{ name: "http", containerPort: port, protocol: "TCP" }], args]);
      assert.deepEqual(pod.readinessProbe.httpGet, { path: readiness, port });
      const groups = sandbox.account.of("aws:lb/targetGroup:TargetGroup").map(({ inputs }) => inputs);
      assert.deepEqual(
        groups.map((group) => [group.port, (group.healthCheck as { path: string }).path]),
        [
          [port, readiness],
          [port, readiness],
        ],
      );
      succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack));
    });
  }
});
