import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { Releases } from "../engine/support/releases";
import { succeeds } from "../engine/support/succeeds";
import { longCaseOf } from "../support/long-case";
import { publicRules } from "./support/public-rules";
import { commandLimitMs } from "./support/stage";
import { describeOnEmulator } from "./support/suite";
import { watched, watchedUp } from "./support/watched-up";

/** Four updates, with a preview each. */
const releaseLimitMs = 4 * commandLimitMs;
const longCase = longCaseOf("npx mocha test/emulator/release-across.test.ts");

describeOnEmulator(
  "npm run release from ECS to EKS, on the emulator",
  (scene) => {
    let releases: Releases;
    const toEks = () => releases.start("--steps", "50,100", "--to-target", "eks");

    const liveWeights = async () => {
      const [rule] = await publicRules(new ElasticLoadBalancingV2Client(scene().aws.client));
      const groups = (rule?.Actions ?? []).flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
      const variantOf = (arn = "") => /\/inference-(.+)-[0-9a-f]{7}\//.exec(arn)?.[1] ?? arn;
      return Object.fromEntries(groups.map(({ TargetGroupArn, Weight }) => [variantOf(TargetGroupArn), Weight]));
    };
    const noChange = async () => succeeds(await scene().sandbox.up("--expect-no-changes"));

    /** Kills a release to EKS as soon as half of the traffic has moved: the update is not in the state yet. */
    const killedHalfWay = async () => {
      const running = toEks();
      const ended = running.result.then(({ output }) => assert.fail(`half of the traffic did not move:\n${output}`));
      while ((await liveWeights()).eks !== 50) await Promise.race([delay(200), ended]);
      await releases.kill(running);
      assert.deepEqual(await liveWeights(), { ecs: 50, eks: 50 });
      await releases.unlock();
    };

    longCase("a release that is killed half-way goes back with --back", async function () {
      this.timeout(2 * releaseLimitMs);
      releases = new Releases(scene().sandbox);
      await scene().createStack("dev", "dev");
      succeeds(await watchedUp(scene()));
      const file = releases.file();
      const { watched: seen, ...result } = await watched(scene(), async () => {
        await killedHalfWay();
        return releases.run("--back");
      });
      const { output } = succeeds(result);
      assert.match(output, /back from the unfinished release of target eks, to ecs 100 %, in one pulumi up/);
      assert.deepEqual(seen.moves, ["inference-ecs 100", "inference-ecs 50, inference-eks 50", "inference-ecs 100"]);
      assert.deepEqual(await liveWeights(), { ecs: 100 });
      assert.equal(releases.file(), file);
      await noChange();
    });

    longCase("a release that is killed half-way goes on", async function () {
      this.timeout(releaseLimitMs);
      const { watched: seen, ...result } = await watched(scene(), async () => {
        await killedHalfWay();
        return toEks().result;
      });
      const { output } = succeeds(result);
      assert.match(output, /go on with target eks\n {2}now .*\n {2}1 {2}50 %: ecs 50 %, eks 50 %/);
      assert.deepEqual(seen.moves, ["inference-ecs 100", "inference-ecs 50, inference-eks 50", "inference-eks 100"]);
      assert.deepEqual(await liveWeights(), { eks: 100 });
      await noChange();
    });
  },
  { withKubernetes: true },
);
