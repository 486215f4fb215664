import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./support/cli";
import { deployment, ecsSide, eksSide, Flips, rule, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const dashboard = "aws:cloudwatch/dashboard:Dashboard";
const savedQuery = "aws:cloudwatch/queryDefinition:QueryDefinition";

const hasStack = (output: string) => /^\s+at \S/m.test(output);

const preview = () => readFileSync(join(projectRoot, "docs/flip-preview.md"), "utf8");

describeWithEngine("Flips between ECS and EKS", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    await sandbox.createStack("dev", { "inference:replicas": { max: 8 } });
    succeeds(await sandbox.up());
  });

  describe("Flip from ECS to EKS with eight tasks", () => {
    let mark: number;

    before(() => flips.scale(service, { desiredCount: 8 }));

    it("a flip to EKS whose pods never become healthy fails with the reason and leaves ECS unchanged", async () => {
      const groups = flips.publicGroups();
      const message = "[ErrImagePull] no such image";
      sandbox.inject({ name: "inference-eks", type: deployment, op: "create", does: "failDeployment", message });
      const { code, output, mark: start } = await flips.to("eks");
      sandbox.clearInjected();
      assert.equal(code, 1, output);
      assert.match(output, /inference-eks-\w+ failed to roll out: .*\n.*\[ErrImagePull\] no such image/);
      assert.equal(hasStack(output), false, output);
      assert.equal(flips.publicGroups(), groups);
      assert.deepEqual(flips.typesOf(start, "delete"), []);
      const touched = flips.typesOf(start, "update").filter((type) => ecsSide.includes(type));
      assert.deepEqual(touched, []);
      succeeds(await flips.to("ecs"));
    });

    it("the flip to EKS moves traffic only once as many pods are healthy as ECS runs tasks", async () => {
      const flip = await flips.assertWaitsForEight("eks", deployment);
      mark = flip.mark;
      assert.match(flip.output, /traffic: eks: 7 of 8 replicas are healthy/);
    });

    it("the flip to EKS starts as many pods as there were tasks", () => {
      const [held] = sandbox.account.of(deployment);
      assert.ok(held);
      assert.equal((held.inputs.spec as { replicas: number }).replicas, 8);
    });

    it("the flip to EKS moves the public rule after the pods exist and deletes ECS after it drained", () =>
      flips.assertOrder(mark, deployment, service));

    it("the flip to EKS creates one side, deletes the other, and updates only rule, dashboard and saved query", () => {
      assert.deepEqual(flips.typesOf(mark, "create"), eksSide);
      assert.deepEqual(flips.typesOf(mark, "delete"), ecsSide);
      assert.deepEqual(flips.typesOf(mark, "update"), [dashboard, savedQuery, rule]);
    });

    it("docs/flip-preview.md shows exactly the resources that the flip to EKS changes", () => {
      const [, block = ""] = /```\n([\s\S]*?)```/.exec(preview()) ?? [];
      const shown = [...block.matchAll(/^ [-+~] {2}(\S+) (\S+) (create|update|delete)/gm)]
        .filter(([, type = ""]) => !/^(inference|eks|pulumi):/.test(type))
        .map(([, type, name, op]) => `${op} ${type} ${name}`);
      // The CLI leaves out the module's second half.
      const changed = sandbox.changesSince(mark).map((change) => change.replace(/ aws:(\w+)\/\w+:/, " aws:$1:"));
      assert.deepEqual(shown.sort(), changed.sort());
    });

    it("a second update after the flip to EKS changes nothing", async () => {
      const again = sandbox.mark();
      succeeds(await sandbox.up("--expect-no-changes"));
      assert.deepEqual(sandbox.changesSince(again), []);
    });
  });

  describe("Rollout on EKS", () => {
    it("a rollout on EKS that never becomes healthy fails with the reason, and the old pods keep serving", async () => {
      const before = sandbox.account.of(deployment)[0]?.inputs.spec;
      const groups = flips.publicGroups();
      sandbox.edit("app/package.json", '"license"', '"keywords": ["new"],\n  "license"');
      sandbox.inject({
        name: "inference-eks",
        type: deployment,
        op: "update",
        does: "failDeployment",
        message: "[CrashLoopBackOff] it ends at once",
      });
      for (const attempt of ["first", "second"]) {
        const { code, output } = await sandbox.up();
        assert.equal(code, 1, `${attempt}: ${output}`);
        assert.match(
          output,
          /eks has weight 100 and is not healthy:\n(?:.*\n){1,2}.*\[CrashLoopBackOff\] it ends at once/,
          `${attempt}: ${output}`,
        );
        assert.deepEqual(sandbox.account.of(deployment)[0]?.inputs.spec, before, attempt);
        assert.equal(flips.publicGroups(), groups, attempt);
      }
      sandbox.clearInjected();
    });

    it("a rollout on EKS updates only the Deployment", async () => {
      sandbox.edit("app/package.json", '"keywords": ["new"]', '"keywords": ["newer"]');
      const mark = sandbox.mark();
      succeeds(await sandbox.up());
      const [image = "", ...changes] = sandbox.changesSince(mark);
      assert.match(image, /^create docker-build:index:Image /);
      assert.deepEqual(changes, [`update ${deployment} inference-eks`]);
      const [held, ...others] = sandbox.account.of(deployment);
      assert.ok(held && others.length === 0);
      assert.equal((held.inputs.spec as { replicas: number }).replicas, 8, "scaling owns the number of replicas");
      assert.equal(sandbox.account.of("docker-build:index:Image").length, 3, "old images are kept for a rollback");
    });
  });

  describe("Flip from EKS to ECS", () => {
    it("a flip to ECS that never becomes healthy fails with the reason each time, and EKS keeps serving", async () => {
      const before = flips.publicGroups();
      sandbox.inject({
        name: "inference-ecs",
        type: service,
        op: "create",
        does: "failDeployment",
        message: "no capacity",
      });
      for (const attempt of ["first", "second"]) {
        const { code, output } = await flips.to("ecs");
        assert.equal(code, 1, `${attempt}: ${output}`);
        assert.match(output, /inference-ecs-\w+ failed to deploy/, attempt);
        assert.equal(flips.publicGroups(), before, attempt);
        assert.equal(sandbox.account.of(deployment).length, 1, attempt);
      }
      sandbox.clearInjected();
    });

    it("the flip to ECS moves traffic only once as many tasks are healthy as EKS runs pods", async () => {
      succeeds(await flips.to("eks"));
      const { mark, output } = await flips.assertWaitsForEight("ecs", service);
      assert.match(output, /traffic: ecs: 7 of 8 replicas are healthy/);
      flips.assertOrder(mark, service, deployment);
    });
  });

  describe("Flip to both and to EKS", () => {
    it("the flip to both adds EKS with its weight and deletes nothing", async () => {
      const { mark } = succeeds(await flips.to("both"));
      assert.deepEqual(flips.typesOf(mark, "delete"), []);
      assert.deepEqual(flips.typesOf(mark, "create"), eksSide);
      assert.match(flips.publicGroups(), /"weight":50.*"weight":50/);
    });

    it("a change of weights updates only the public rule and the dashboard", async () => {
      const { mark } = succeeds(await flips.to("both", { "inference:weights": { ecs: 10, eks: 90 } }));
      assert.deepEqual(sandbox.changesSince(mark).sort(), [
        `update ${dashboard} inference`,
        `update ${rule} inference-public`,
      ]);
    });

    it("the side that gains weight is scaled out to its share before the rule changes", async () => {
      flips.scale(service, { desiredCount: 2 });
      const { mark } = succeeds(await flips.to("both", { "inference:weights": { ecs: 60, eks: 40 } }));
      const raised = flips.since(mark, "end", "update", service);
      assert.equal(raised.inputs?.desiredCount, 6, "60 % of the 8 pods and 2 tasks that served");
      assert.ok(raised.atMs <= flips.since(mark, "begin", "update", rule, /-public$/).atMs);
      assert.match(flips.publicGroups(), /"weight":60.*"weight":40/);
    });

    it("the flip from both to EKS deletes ECS", async () => {
      const { output, mark } = succeeds(await flips.to("eks"));
      assert.match(output, /weights are kept and ignored while target is eks/);
      assert.deepEqual(flips.typesOf(mark, "create"), []);
      assert.deepEqual(flips.typesOf(mark, "delete"), ecsSide);
    });
  });

  describe("Flip to variants on EKS", () => {
    const cluster = "aws:eks/cluster:Cluster";
    const onEks = (blue: number) => ({
      "inference:variants": { blue: { target: "eks", weight: blue }, green: { target: "eks", weight: 100 - blue } },
    });

    it("the flip to variants keeps the cluster, moves traffic and deletes the old Deployment", async () => {
      const { mark } = succeeds(await flips.to("variants", onEks(90)));
      for (const name of [/-blue$/, /-green$/]) {
        const made = flips.since(mark, "end", "create", deployment, name);
        assert.ok(made.atMs <= flips.since(mark, "begin", "update", rule, /-public$/).atMs);
      }
      flips.assertOrder(mark, deployment, deployment);
      assert.equal(
        flips.typesOf(mark, "create").includes(cluster) || flips.typesOf(mark, "delete").includes(cluster),
        false,
      );
      assert.match(flips.publicGroups(), /inference-blue-.*"weight":90.*inference-green-.*"weight":10/);
      const named = (await sandbox.outputs()).variants as { name: string; target: string; weight: number }[];
      assert.deepEqual(
        named.map(({ name, target, weight }) => [name, target, weight]),
        [
          ["blue", "eks", 90],
          ["green", "eks", 10],
        ],
      );
    });

    it("a change of the variants' weights updates only the public rule and the dashboard", async () => {
      const { mark } = succeeds(await flips.to("variants", onEks(80)));
      assert.deepEqual(sandbox.changesSince(mark).sort(), [
        `update ${dashboard} inference`,
        `update ${rule} inference-public`,
      ]);
      assert.match(flips.publicGroups(), /"weight":80.*"weight":20/);
    });
  });

  describe("Flip from EKS to both and to ECS", () => {
    it("the flip from EKS to both starts the share of tasks for ECS and deletes nothing", async () => {
      succeeds(await flips.to("eks", { "inference:variants": undefined }));
      flips.scale(deployment, { spec: { ...(sandbox.account.of(deployment)[0]?.inputs.spec as object), replicas: 6 } });
      const { mark } = succeeds(await flips.to("both", { "inference:weights": { ecs: 30, eks: 70 } }));
      assert.deepEqual(flips.typesOf(mark, "delete"), []);
      assert.deepEqual(flips.typesOf(mark, "create"), ecsSide);
      assert.equal(sandbox.account.of(service)[0]?.inputs.desiredCount, 2, "30 % of 6 pods");
      assert.match(flips.publicGroups(), /"weight":30.*"weight":70/);
    });

    it("the flip from both to ECS deletes EKS", async () => {
      const { mark } = succeeds(await flips.to("ecs"));
      assert.deepEqual(flips.typesOf(mark, "create"), []);
      assert.deepEqual(flips.typesOf(mark, "delete"), eksSide);
    });
  });

  describe("Destroy after flips", () => {
    it("destroy runs in an order that AWS accepts and leaves only images", async () => {
      succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
      const left = sandbox.account
        .held()
        .map(({ type }) => type)
        .filter((type) => type !== "docker-build:index:Image");
      assert.deepEqual(left, []);
    });
  });
});
