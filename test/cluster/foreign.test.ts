import assert from "node:assert/strict";
import { configIn } from "../../tools/stack/yaml-file";
import { succeeds } from "../engine/support/succeeds";
import { exampleStackFile } from "../support/examples";
import { Cases } from "./support/cases";
import { longCase } from "./support/long-case";
import { describeOnCluster } from "./support/scene";
import { ClusterStack, to } from "./support/stack";

const folder = "the-tutorials/echo";

/** Each replica has two workers of gunicorn, and a slow request holds one of them for 3 s. */
const load = { perSecond: 20, slowEveryMs: 4_000 };

describeOnCluster("A foreign container under load, on the cluster", (scene) => {
  const cases = new Cases(scene);
  const stack = new ClusterStack(scene);

  longCase(`a flip of examples/${folder} loses no request`, async function () {
    this.timeout(1_500_000);
    await stack.buildExample("echo", folder);
    const { container } = configIn(exampleStackFile(folder));
    await stack.start({ ...to("ecs"), ...stack.version("echo"), "inference:container": container });
    const flip = () => stack.up(to("eks"));
    const { result, count } = await cases.lossless("ECS to EKS: gunicorn, as root on port 80", flip, load);
    succeeds(result);
    assert.deepEqual(Object.keys(count.answered).sort(), ["ecs echo", "eks echo"]);
  });
});
