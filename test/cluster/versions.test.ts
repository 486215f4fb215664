import assert from "node:assert/strict";
import type { VariantAccess } from "../../components/traffic";
import { list, type Pod } from "../emulator/support/kubernetes-objects";
import { failed } from "../emulator/support/watched-up";
import { succeeds } from "../engine/support/succeeds";
import { Cases } from "./support/cases";
import { longCase } from "./support/long-case";
import { describeOnCluster } from "./support/scene";
import { ClusterStack, to } from "./support/stack";

/** Without a space: it is part of a variable of Node's. */
const lateWorkers =
  "import{isMainThread}from'node:worker_threads';isMainThread||Atomics.wait(new(Int32Array)(new(SharedArrayBuffer)(4)),0,0,10000)";

/** Our server, which answers both paths, with another port and readiness path than it has now. */
const moved = {
  preset: "other",
  port: 9000,
  readinessPath: "/health",
  livenessPath: "/health",
  user: "10001:10001",
  readOnly: true,
};

describeOnCluster("Versions under load, on the cluster", (scene) => {
  const cases = new Cases(scene);
  const stack = new ClusterStack(scene);

  before(async function () {
    this.timeout(600_000);
    await stack.build("v1");
    await stack.build("v2");
    // The server listens at once, and its workers start 10 s later.
    await stack.build("late", `ENV NODE_OPTIONS="--import=data:text/javascript,${lateWorkers}"`);
    await stack.build("ends", 'ENTRYPOINT ["node", "-e", "process.exit(1)"]');
    await stack.start({ ...to("both"), ...stack.version("v1") });
  });

  const replacedBy = async (name: string, version: string, before: string) => {
    const { result, count } = await cases.lossless(name, () => stack.up(stack.version(version)));
    succeeds(result);
    const all = ["ecs", "eks"].flatMap((variant) => [before, version].map((one) => `${variant} ${one}`));
    assert.deepEqual(Object.keys(count.answered).sort(), all.sort());
  };

  const targetGroups = async () => {
    const { variants } = await scene().sandbox.outputs();
    return (variants as VariantAccess[]).map(({ targetGroupArn }) => String(targetGroupArn));
  };

  it("a new image replaces the old one on both without losing a request", () =>
    replacedBy("both: a new image", "v2", "v1"));

  it("an image that ends at once fails on both, and the old one answers every request", async () => {
    const { result, count } = await cases.lossless("both: an image that ends at once", () =>
      stack.up(stack.version("ends")),
    );
    assert.equal(result.code, failed, result.output);
    assert.deepEqual(Object.keys(count.answered).sort(), ["ecs v2", "eks v2"]);
  });

  longCase("an image that loads slowly replaces the old one without losing a request", () =>
    replacedBy("both: an image that loads for 10 s", "late", "v2"),
  );

  longCase("another port and readiness path replace both target groups without losing a request", async () => {
    const { balancer } = scene();
    const old = await targetGroups();
    const mark = balancer.answered.mark();
    const { result } = await cases.lossless("both: another port and readiness path", () =>
      stack.up({ ...stack.version("v2"), "inference:container": moved }),
    );
    succeeds(result);
    const now = await targetGroups();
    const answered = balancer.answered.since(mark).map(({ group }) => group);
    assert.equal(new Set([...old, ...now]).size, 4);
    assert.deepEqual(new Set(answered), new Set([...old, ...now]));
    assert.deepEqual(new Set(answered.slice(-20)), new Set(now));
  });

  longCase("destroy answers requests until the public rule is gone, and leaves no task and no pod", async () => {
    const { sandbox, tasks, kube } = scene();
    const destroy = () => sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress");
    const { result, count } = await cases.run("destroy of both", destroy);
    succeeds(result);
    // 404 is the listener's own answer, 503 that of a load balancer without listener, and then nobody listens.
    const other = Object.keys(count.failed).filter((outcome) => !["404", "503"].includes(outcome));
    assert.deepEqual(other, []);
    assert.deepEqual(
      tasks.all().flatMap(({ stored }) => tasks.running(stored.serviceArn)),
      [],
    );
    const pods = await list<Pod>(kube, "/api/v1/pods");
    assert.deepEqual(
      pods.map(({ metadata }) => metadata.name),
      [],
    );
  });
});
