import assert from "node:assert/strict";
import { describeReleases } from "./support/describe-releases";
import { deployment } from "./support/flips";
import {
  imageStory,
  itGoesBackOnAnAlarm,
  itGoesBackOnCtrlC,
  itReplacesADeadVersion,
  itResumesAfterEachKill,
} from "./support/release-stories";
import { image } from "./support/releases";
import { succeeds } from "./support/succeeds";

describeReleases("npm run release on EKS", { "inference:target": "eks" }, (releases) => {
  let original: string;
  const to = (letter: string) => imageStory(letter, { eks: 100 }, deployment);

  before(() => {
    original = releases().file();
  });

  itResumesAfterEachKill(releases, to("b"), {
    ends: () => {
      assert.equal(releases().file(), original.replace(image("a"), image("b")));
      assert.deepEqual(releases().weights(), { eks: 100 });
      assert.equal(releases().sandbox.account.of(deployment).length, 1, "the new variant is gone");
    },
  });

  it("a version that fails under its usual name is rolled back, and then the release goes back", async () => {
    const message = "[ErrImagePull] not found";
    releases().sandbox.inject({
      name: "inference-eks",
      type: deployment,
      op: "update",
      does: "failDeployment",
      message,
    });
    const running = releases().start(...to("c").to, "--steps", "100");
    await releases().prints(/inference-eks-\w+ was rolled back/, running);
    releases().sandbox.clearInjected();
    const { code, output } = await running.result;
    assert.equal(code, 1, output);
    assert.match(output, /\[ErrImagePull\] not found[\s\S]*went back: pulumi up failed, for the reason above/);
    assert.equal(releases().file(), original.replace(image("a"), image("b")));
    assert.deepEqual(releases().weights(), { eks: 100 });
    succeeds(await releases().sandbox.up("--expect-no-changes"));
  });

  itGoesBackOnAnAlarm(releases, to("c"));

  itGoesBackOnCtrlC(releases, to("c"));

  itReplacesADeadVersion(releases, {
    before: { eks: 100 },
    replicas: { name: "inference-eks", type: deployment },
  });
});
