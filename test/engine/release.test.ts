import assert from "node:assert/strict";
import { describeReleases } from "./support/describe-releases";
import { service } from "./support/flips";
import {
  imageStory,
  inSteps,
  itGoesBackOnAnAlarm,
  itGoesBackOnCtrlC,
  itReplacesADeadVersion,
  itResumesAfterEachKill,
} from "./support/release-stories";
import { image } from "./support/releases";
import { succeeds } from "./support/succeeds";

describeReleases("npm run release on ECS", {}, (releases) => {
  let original: string;
  const to = (letter: string) => imageStory(letter, { ecs: 100 }, service);

  before(() => {
    original = releases().file();
  });

  itResumesAfterEachKill(releases, to("b"), {
    between: it,
    whileLocked: async () => {
      const locked = await releases().run(...inSteps(to("b")));
      assert.equal(locked.code, 1);
      assert.match(
        locked.output,
        /currently locked by 1 lock\(s\)[\s\S]*created by .*@[\s\S]*Nothing of this step was done/,
      );
      const other = await releases().run(...inSteps(to("c")));
      assert.match(other.output, /has an unfinished release of ghcr\.io\/team\/model@sha256:b+\. Finish it with --to /);
      assert.equal(other.code, 1);
    },
    ends: (output) => {
      assert.match(output, /Commit Pulumi\.dev\.yaml:\n {2}-.*image: .*a{64}\n {2}\+.*image: .*b{64}/);
      assert.equal(releases().file(), original.replace(image("a"), image("b")));
      assert.deepEqual(releases().weights(), { ecs: 100 });
      assert.equal(releases().sandbox.account.of(service).length, 1, "the new variant is gone");
    },
  });

  itGoesBackOnAnAlarm(releases, to("c"));

  itGoesBackOnCtrlC(releases, to("c"));

  it("weights that were changed by hand are refused, with what each place has", async () => {
    const { sandbox } = releases();
    succeeds(await sandbox.up());
    sandbox.configure("dev", { "inference:target": "variants" });
    sandbox.configure("dev", {
      "inference:variants": { ecs: { target: "ecs", weight: 60 }, b: { target: "ecs", weight: 40 } },
    });
    const { code, output } = await releases().run(...inSteps(to("c")));
    sandbox.configure("dev", { "inference:target": "ecs", "inference:variants": undefined });
    assert.equal(code, 1);
    assert.match(output, /disagree about the traffic:\n.*dev\.yaml {2}ecs 60 %, b 40 %\n.*ecs 100 %\n.*ecs 100 %/);
  });

  for (const [title, change, expected] of [
    [
      "aliases",
      (file: string) =>
        file.replace("accessKey: fake", "accessKey: &key fake").replace("secretKey: fake", "secretKey: *key"),
      /^Pulumi\.dev\.yaml line \d+: &key is repeated elsewhere, so the file cannot be edited without losing something\. Write the values out\.$/m,
    ],
    [
      "tabs",
      (file: string) => file.replace(/^ +(inference:cpu:)/m, "\t$1"),
      /^Pulumi\.dev\.yaml line \d+: Tabs are not allowed as indentation/m,
    ],
    [
      "an image in folded lines",
      (file: string) => file.replace(/(inference:image: )(\S+)/, "$1>-\n    $2"),
      /^Pulumi\.dev\.yaml: a release that goes back would not restore the line "inference:image: >-"\./m,
    ],
  ] as const)
    it(`a stack file with ${title} is refused by one line, before anything is done`, async () => {
      const file = releases().file();
      const changed = change(file);
      assert.notEqual(changed, file);
      releases().write(changed);
      const state = releases().state();
      const { code, output } = await releases().run(...inSteps(to("c")));
      const after = [releases().file(), releases().state()];
      releases().write(file);
      assert.equal(code, 1, output);
      assert.match(output, expected);
      assert.equal(output.trim().split("\n").length, 1, output);
      assert.deepEqual(after, [changed, state]);
    });

  itReplacesADeadVersion(releases, {
    before: { ecs: 100 },
    replicas: { name: "inference-ecs", type: service },
  });
});
