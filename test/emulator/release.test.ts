import assert from "node:assert/strict";
import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  type TargetGroupTuple,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { Releases } from "../engine/support/releases";
import { succeeds } from "../engine/support/succeeds";
import { publicRules } from "./support/public-rules";
import { commandLimitMs } from "./support/stage";
import { describeOnEmulator } from "./support/suite";
import { watched, watchedUp } from "./support/watched-up";

const image = (name: string, letter: string) =>
  `111122223333.dkr.ecr.us-east-1.amazonaws.com/${name}@sha256:${letter.repeat(64)}`;

/** Four updates, with a preview each. */
const releaseLimitMs = 4 * commandLimitMs;

describeOnEmulator("npm run release, on the emulator", (scene) => {
  let releases: Releases;
  const inSteps = (...args: string[]) => watched(scene(), () => releases.run("--steps", "50,100", ...args));

  before(async () => {
    releases = new Releases(scene().sandbox);
    await scene().createStack("dev", "dev", { "inference:image": image("classifier", "a") });
    succeeds(await watchedUp(scene()));
  });

  const elb = () => new ElasticLoadBalancingV2Client(scene().aws.client);

  it("a new image gets the traffic in steps beside the present one, and then its name", async function () {
    this.timeout(releaseLimitMs);
    const { watched: seen, ...result } = await inSteps("--to", image("classifier-fixed", "b"));
    const { output } = succeeds(result);
    assert.deepEqual(seen.moves, [
      "inference-ecs 100",
      "inference-ecs 50, inference-ecs-next 50",
      "inference-ecs-next 100",
      "inference-ecs 100",
    ]);
    assert.match(output, /Commit Pulumi\.dev\.yaml:/);
    succeeds(await scene().sandbox.up("--expect-no-changes"));
  });

  it("traffic that was moved by hand on the load balancer is refused, with what each place has", async () => {
    const [rule] = await publicRules(elb());
    const { RuleArn, Actions = [] } = rule ?? {};
    const declared = Actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
    const { TargetGroups: known = [] } = await elb().send(new DescribeTargetGroupsCommand({}));
    const { VpcId } = known[0] ?? {};
    const strange = { Name: "by-hand", Protocol: "HTTP", Port: 8080, VpcId, TargetType: "ip" } as const;
    const { TargetGroups: made = [] } = await elb().send(new CreateTargetGroupCommand(strange));
    const forward = (TargetGroups: TargetGroupTuple[]) =>
      elb().send(new ModifyRuleCommand({ RuleArn, Actions: [{ Type: "forward", ForwardConfig: { TargetGroups } }] }));
    await forward([
      ...declared.map((group) => ({ ...group, Weight: 40 })),
      ...made.map(({ TargetGroupArn }) => ({ TargetGroupArn, Weight: 60 })),
    ]);
    const { code, output } = await releases.run("--to-target", "eks");
    await forward(declared);
    assert.equal(code, 1, output);
    assert.match(
      output,
      /disagree about the traffic:\n.*dev\.yaml {2}ecs 100 %\n.*update {2}ecs 100 %\n.*balancer {2}ecs 40 %, by-hand 60 %/,
    );
  });
});
