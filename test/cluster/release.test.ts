import assert from "node:assert/strict";
import { succeeds } from "../engine/support/succeeds";
import { Cases } from "./support/cases";
import type { LoadOptions } from "./support/counted-load";
import { longCase } from "./support/long-case";
import { describeOnCluster } from "./support/scene";
import { ClusterStack, to } from "./support/stack";

/** Up to four updates with a preview each, on a busy machine. */
const limitMs = 30 * 60_000;
/** What replicas with a quarter of a CPU answer on a busy machine. */
const load = { perSecond: 20, slowEveryMs: 4_000 };
/** The node has room for the pods of two versions. */
const small = { "inference:cpu": 256, "inference:replicas": { min: 2, max: 2 } };

describeOnCluster("npm run release under load, on the cluster", (scene) => {
  const cases = new Cases(scene);
  const stack = new ClusterStack(scene);

  const startWith = async (version: string, keys: object = to("both")) => {
    await stack.build(version);
    await stack.start({ ...stack.version(version), ...keys });
  };

  /** `by` are the variants and versions that answered. */
  const release = async (name: string, args: readonly string[], by: readonly string[], at?: LoadOptions) => {
    const command = ["--stack", "dev", "--yes", "--bake", "15s", ...args];
    const { result, count } = await cases.lossless(name, () => scene().sandbox.startRelease(...command).result, at);
    assert.deepEqual(Object.keys(count.answered).sort(), by, result.output);
    return result;
  };

  longCase("an image that ends at once is taken back, and the old one answers every request", async function () {
    this.timeout(limitMs);
    await startWith("v1");
    await stack.build("ends", 'ENTRYPOINT ["node", "-e", "process.exit(1)"]');
    const name = "both: a release of an image that ends at once";
    const { code, output } = await release(name, ["--to", stack.reference("ends")], ["ecs v1", "eks v1"]);
    assert.equal(code, 1, output);
    assert.match(output, /The release of .* went back: pulumi up failed/);
    succeeds(await scene().sandbox.up("--expect-no-changes"));
  });

  longCase("an image that is released in steps loses no request", async function () {
    this.timeout(limitMs);
    await startWith("v1", { ...to("both"), ...small });
    await stack.build("v2");
    const by = ["ecs v1", "ecs v2", "ecs-next v2", "eks v1", "eks v2", "eks-next v2"];
    const args = ["--to", stack.reference("v2"), "--steps", "50,100"];
    succeeds(await release("both: a release in steps of 50 and 100 %", args, by, load));
  });

  longCase("a move to EKS in steps loses no request, and each step has its share of the answers", async function () {
    this.timeout(limitMs);
    await startWith("v1", { ...to("ecs"), ...small });
    const { balancer, tasks } = scene();
    const mark = balancer.answered.mark();
    const args = ["--to-target", "eks", "--steps", "50,100"];
    succeeds(await release("ECS to EKS: a release in steps of 50 and 100 %", args, ["ecs v1", "eks v1"], load));
    const byEks = balancer.answered.since(mark).map(({ group = "" }) => group.includes("/inference-eks-"));
    assert.deepEqual(shares(byEks), [0, 50, 100]);
    assert.deepEqual(
      tasks.all().flatMap(({ stored }) => tasks.running(stored.serviceArn)),
      [],
    );
  });
});

/** The percentages at which the share of an answer stayed, of 100 answers at a time. */
function shares(answers: readonly boolean[]): number[] {
  const hundreds = Array.from(
    { length: Math.floor(answers.length / 100) },
    (_, at) => answers.slice(at * 100, at * 100 + 100).filter(Boolean).length,
  );
  const stayed = hundreds.filter((share, at) => at > 0 && Math.abs(share - (hundreds[at - 1] ?? 0)) < 5);
  const steps = stayed.map((share) => Math.round(share / 10) * 10);
  return steps.filter((share, at) => share !== steps[at - 1]);
}
