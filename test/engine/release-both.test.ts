import assert from "node:assert/strict";
import { longCaseOf } from "../support/long-case";
import { describeReleases } from "./support/describe-releases";
import { deployment, service } from "./support/flips";
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

const shares = { ecs: 70, eks: 30 };
const stack = { "inference:target": "both", "inference:weights": shares };

describeReleases("npm run release with both platforms", stack, (releases) => {
  const to = (letter: string) => imageStory(letter, shares, deployment);

  describe("on both", () => {
    it("an image gets its share on each, and a killed release goes on with both", async () => {
      const file = releases().file();
      await releases().killWhere(
        "half of the traffic",
        (entry) => releases().weightsOf(entry)?.["ecs-next"] === 35,
        inSteps(to("b")),
      );
      assert.deepEqual(releases().weights(), { ecs: 35, eks: 15, "ecs-next": 35, "eks-next": 15 });
      await releases().unlock();
      succeeds(await releases().run(...inSteps(to("b"))));
      assert.equal(releases().file(), file.replace(image("a"), image("b")));
      assert.deepEqual(releases().weights(), shares);
      succeeds(await releases().sandbox.up("--expect-no-changes"));
    });

    itGoesBackOnAnAlarm(releases, to("c"));

    itReplacesADeadVersion(releases, { before: shares, replicas: { name: "inference-eks", type: deployment } });
  });

  describe("across them", () => {
    let file: string;

    before(async () => {
      releases().sandbox.configure("dev", { "inference:target": "eks", "inference:weights": undefined });
      succeeds(await releases().sandbox.up());
      file = releases().file();
    });

    itResumesAfterEachKill(
      releases,
      {
        to: ["--to-target", "ecs"],
        gainers: ["ecs"],
        leavers: ["eks"],
        replicas: { name: "inference-ecs", type: service },
      },
      {
        ends: () => {
          assert.equal(releases().file(), file.replace("inference:target: eks", "inference:target: ecs"));
          assert.deepEqual(releases().weights(), { ecs: 100 });
          assert.deepEqual(releases().sandbox.account.of(deployment), [], "EKS is gone");
        },
      },
    );

    const toEks = {
      to: ["--to-target", "eks"],
      before: { ecs: 100 },
      gainers: ["eks"],
      replicas: { name: "inference-eks", type: deployment },
    };

    itGoesBackOnAnAlarm(releases, toEks);

    itGoesBackOnCtrlC(releases, toEks, { whileItMoves: longCaseOf("npx mocha test/engine/release-both.test.ts") });
  });
});
