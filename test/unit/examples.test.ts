import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { evaluateStack } from "../../tools/offline";
import { exampleFolder, exampleStackFile, examples } from "../support/examples";
import { podSpec } from "../support/parity/eks";
import { finder } from "../support/parity/received";
import { PlanUnderTest } from "./support/plan-under-test";

describe("examples/", () => {
  it("has a test for every stack file", () => {
    const found = readdirSync(exampleFolder("."), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith("stack.yaml"))
      .map(dirname);
    assert.deepEqual(found.sort(), examples.map(({ folder }) => folder).sort());
  });

  for (const { folder, port, readiness, liveness, args, user } of examples) {
    describe(`examples/${folder}/stack.yaml`, function () {
      this.timeout(60_000);

      const evaluated = async (target: string) => {
        const overrides = { target: target };
        return new PlanUnderTest(await evaluateStack("example", { file: exampleStackFile(folder), overrides }));
      };
      const assertRoute = (plan: PlanUnderTest) => {
        const { inputs } = plan.one("aws:lb/targetGroup:TargetGroup");
        assert.equal(inputs.port, port);
        assert.equal((inputs.healthCheck as { path: string }).path, readiness);
      };

      it("puts the container on ECS with its port and paths, its user and a writable root", async () => {
        const plan = await evaluated("ecs");
        assertRoute(plan);
        const container = plan.container();
        assert.deepEqual(container.portMappings, [{ containerPort: port, protocol: "tcp" }]);
        assert.deepEqual([container.entryPoint, container.command, container.user], [undefined, args, user]);
        assert.deepEqual([container.readonlyRootFilesystem, container.mountPoints], [false, []]);
        assert.ok(
          !container.environment.some(({ name }) => name === "EMF"),
          "only our server writes metrics to its log",
        );
      });

      it("puts the container on EKS with the same", async () => {
        const plan = await evaluated("eks");
        assertRoute(plan);
        const pod = podSpec(finder((type) => plan.all(type)));
        const [container] = pod.containers;
        assert.ok(container);
        assert.deepEqual(container.ports, [{ name: "http", containerPort: port, protocol: "TCP" }]);
        assert.deepEqual(
          [container.command, container.args, pod.securityContext.runAsUser],
          [undefined, args, user && Number(user.split(":")[0])],
        );
        assert.deepEqual([container.securityContext.readOnlyRootFilesystem, pod.volumes], [false, []]);
        assert.deepEqual(container.readinessProbe.httpGet, { path: readiness, port });
        assert.deepEqual(container.livenessProbe.httpGet, { path: liveness, port });
      });
    });
  }
});
