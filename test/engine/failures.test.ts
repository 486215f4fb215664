import assert from "node:assert/strict";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "./support/cli";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const service = "aws:ecs/service:Service";
const serviceFails = (op: "create" | "update", message?: string) =>
  ({ name: "inference-ecs", type: service, op, does: "failDeployment", message }) as const;

const runbook = () => readFileSync(join(projectRoot, "docs/runbook.md"), "utf8");

const hasStack = (output: string) => /^\s+at \S/m.test(output);

describeWithEngine("Failed deployments", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev");
  });

  it("an error of AWS is printed as AWS reports it", async () => {
    sandbox.inject({
      name: "inference",
      type: "aws:lb/loadBalancer:LoadBalancer",
      op: "create",
      does: "fail",
      message: "OperationNotPermitted: this account cannot create load balancers",
    });
    const { code, output } = await sandbox.up();
    sandbox.clearInjected();
    assert.equal(code, 1, output);
    assert.match(output, /OperationNotPermitted: this account cannot create load balancers/);
    assert.equal(sandbox.account.of(service).length, 0);
  });

  it("SIGINT during an update leaves neither a lock nor a pending operation", async () => {
    const name = "inference";
    sandbox.inject({ name, type: "aws:lb/loadBalancer:LoadBalancer", op: "create", does: "hang" });
    const running = sandbox.start(["up", "--yes", "--skip-preview"]);
    const mark = sandbox.mark();
    await sandbox.waitFor(
      "the load balancer's creation to begin",
      (entry, index) => index >= mark && entry.phase === "begin" && entry.urn.endsWith("LoadBalancer::inference"),
    );
    running.signal("SIGINT");
    const { code, output } = await running.result;
    sandbox.clearInjected();
    assert.equal(code, 1, output);
    assert.match(output, /cancel/i);
    const { stdout } = await sandbox.must("stack", "export");
    assert.equal(JSON.parse(stdout).deployment.pending_operations?.length ?? 0, 0);
    const locks = readdirSync(join(sandbox.backend, ".pulumi"), { recursive: true }).filter((path) =>
      /locks.*\.json$/.test(String(path)),
    );
    assert.deepEqual(locks, []);
  });

  it("a first version that never runs fails with the reason of ECS", async () => {
    sandbox.inject(serviceFails("create", "(service inference) was unable to place a task"));
    const { code, output } = await sandbox.up();
    sandbox.clearInjected();
    assert.equal(code, 1, output);
    assert.match(output, /inference-ecs-[0-9a-f]{7} failed to deploy inference-ecs-dev:1/);
    assert.match(output, /event: \(service inference\) was unable to place a task/);
    assert.equal(hasStack(output), false, output);
    assert.equal(
      sandbox.account.of("aws:lb/listenerRule:ListenerRule").some(({ name }) => name === "inference-public"),
      false,
    );
  });

  it("a second update of the version that never ran fails with the same reason", async () => {
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, /event: \(service inference\) was unable to place a task/);
  });

  it("an update to a version that runs succeeds after a failed one", async () => {
    sandbox.changeImage();
    succeeds(await sandbox.up());
    assert.match((await sandbox.outputs()).url as string, /^http:/);
  });

  it("a rollback by ECS fails the update and leaves the public rule unchanged", async () => {
    sandbox.changeImage();
    sandbox.inject(serviceFails("update", "tasks failed ELB health checks"));
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    sandbox.clearInjected();
    assert.equal(code, 1, output);
    assert.match(output, /was rolled back: it runs inference-ecs-dev:2, not the declared inference-ecs-dev:3/);
    assert.match(output, /event: tasks failed ELB health checks/);
    assert.equal(hasStack(output), false, output);
    assert.equal(
      sandbox.changesSince(mark).some((change) => change.includes("ListenerRule")),
      false,
    );
  });

  it("a second update after a rollback fails again and keeps the serving task definition", async () => {
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, /was rolled back: it runs inference-ecs-dev:2/);
    const kept = sandbox.account.of("aws:ecs/taskDefinition:TaskDefinition").map(({ outputs }) => outputs.revision);
    assert.ok(kept.includes(2), `revision 2 serves and must be kept; revisions: ${kept}`);
  });

  it("a rollback for which ECS gives no reason also fails the update", async () => {
    sandbox.changeImage();
    sandbox.inject(serviceFails("update"));
    const { code, output } = await sandbox.up();
    sandbox.clearInjected();
    assert.equal(code, 1, output);
    assert.match(output, /was rolled back: it runs inference-ecs-dev:2/);
  });

  it("an alarm that fires during the rollout fails the update, which names it", async () => {
    sandbox.changeImage();
    const sounding = { name: "inference-ecs", type: service, op: "update", does: "soundAlarm" } as const;
    sandbox.inject({ ...sounding, message: "inference-ecs-failing" });
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    sandbox.clearInjected();
    assert.equal(code, 1, output);
    assert.match(output, /was rolled back: it runs inference-ecs-dev:2/);
    assert.match(output, /alarm: inference-ecs-failing-[0-9a-f]{7}\n.*event: deployment failed: alarm detected/);
    assert.equal(
      sandbox.changesSince(mark).some((change) => change.includes("ListenerRule")),
      false,
    );
  });

  it("an alarm that is no deployment alarm does not fail the update", async () => {
    sandbox.changeImage();
    const sounding = { name: "inference-ecs", type: service, op: "update", does: "soundAlarm" } as const;
    sandbox.inject({ ...sounding, message: "inference-ecs-unhealthy" });
    const result = await sandbox.up();
    sandbox.clearInjected();
    succeeds(result);
  });

  it("a killed update leaves a lock, and pulumi cancel releases it", async () => {
    sandbox.changeImage();
    sandbox.inject({ name: "inference-ecs", type: service, op: "update", does: "hang" });
    const mark = sandbox.mark();
    const running = sandbox.start(["up", "--yes", "--skip-preview"]);
    await sandbox.waitFor(
      "the service's update to begin",
      (entry, index) => index >= mark && entry.phase === "begin" && entry.urn.endsWith("Service::inference-ecs"),
    );
    running.signal("SIGKILL");
    await running.result;
    sandbox.clearInjected();
    const locked = await sandbox.up();
    assert.equal(locked.code, 1, locked.output);
    assert.match(locked.output, /the stack is currently locked by 1 lock\(s\)[\s\S]*pulumi cancel/);
    await sandbox.must("cancel", "--yes", "dev");
    succeeds(await sandbox.up());
  });

  it("an empty file of attributes is named, and the runbook says which file to delete", async () => {
    const [, path = ""] = /^\| `failed to load checkpoint: EOF` \|.*`([^`]+\.attrs)`/m.exec(runbook()) ?? [];
    const file = join(sandbox.backend, path.replace("<project>", "inference").replace("<stack>", "dev"));
    assert.ok(existsSync(file), `docs/runbook.md names ${path}`);
    writeFileSync(file, "");
    const { code, output } = await sandbox.pulumi("stack", "output");
    assert.equal(code, 1, output);
    assert.match(output, /failed to load checkpoint: EOF/);
    rmSync(file);
    await sandbox.must("stack", "output");
  });

  it("a corrupted state file is refused and restored with the command in the runbook", async () => {
    const file = join(sandbox.backend, ".pulumi/stacks/inference/dev.json");
    assert.ok(existsSync(file));
    writeFileSync(file, '{"version": 3, "checkpoint": {"latest": {');
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, /failed to load checkpoint: .*unexpected end of JSON input/);
    assert.deepEqual(sandbox.changesSince(mark), []);
    const [, command = ""] = /^\| `failed to load checkpoint` \|.*`(cp [^`]+)`/m.exec(runbook()) ?? [];
    const newest = (folder: string) =>
      join(
        folder,
        readdirSync(folder)
          .filter((name) => name.endsWith(".json"))
          .sort()
          .at(-1) ?? "",
      );
    const [, from, to] = command.split(" ");
    assert.ok(from && to, `docs/runbook.md has no command for it: ${command}`);
    const place = (path: string) =>
      join(sandbox.backend, path.replace("<project>", "inference").replace("<stack>", "dev"));
    copyFileSync(newest(place(dirname(from))), place(to));
    succeeds(await sandbox.up("--expect-no-changes"));
  });
});
