import assert from "node:assert/strict";
import { type AskAws, leftovers, removalOf } from "../../../../tools/acceptance/leftovers";

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;

/** Answers by service and first word, and notes what was asked. */
function aws(arns: readonly string[], answers: Readonly<Record<string, unknown>> = {}): AskAws & { asked: string[] } {
  const asked: string[] = [];
  const ask = async (service: string, args: readonly string[]) => {
    asked.push([service, ...args].join(" "));
    if (service === "resourcegroupstaggingapi")
      return { ResourceTagMappingList: arns.map((ResourceARN) => ({ ResourceARN })) };
    const answer = answers[`${service} ${args[0]}`];
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  };
  return Object.assign(ask, { asked });
}

describe("what npm run acceptance finds left", () => {
  it("asks for the tag of the run, for what Auto Mode tagged with its clusters, and for the log groups that AWS creates for its clusters", async () => {
    const ask = aws([]);
    assert.deepEqual(await leftovers(ask, "0a1b", ["inference-1"]), []);
    assert.deepEqual(ask.asked, [
      "resourcegroupstaggingapi get-resources --tag-filters Key=inference-acceptance,Values=0a1b",
      "resourcegroupstaggingapi get-resources --tag-filters Key=eks:eks-cluster-name,Values=inference-1 --resource-type-filters ec2:instance ec2:volume ec2:network-interface",
      "logs describe-log-groups --log-group-name-prefix /aws/eks/inference-1/cluster",
      "logs describe-log-groups --log-group-name-prefix /aws/ecs/containerinsights/inference-1/performance",
    ]);
  });

  it("finds a machine of Auto Mode that does not have the run's tag, and a resource with both tags once", async () => {
    const [machine, both] = [arn("ec2", "instance/i-1"), arn("ec2", "volume/vol-1")];
    const ask: AskAws = async (service, args) => {
      if (service !== "resourcegroupstaggingapi") return {};
      const arns = args.some((word) => word.includes("eks:eks-cluster-name")) ? [machine, both] : [both];
      return { ResourceTagMappingList: arns.map((ResourceARN) => ({ ResourceARN })) };
    };
    const found = async (clusters: string[]) => (await leftovers(ask, "0a1b", clusters)).map((left) => left.arn);
    assert.deepEqual(await found(["inference-1"]), [both, machine]);
    // Without a cluster the tag's filter would have no value, which means any cluster.
    assert.deepEqual(await found([]), [both]);
  });

  it("names what is left with the command that deletes it", async () => {
    const volume = arn("ec2", "volume/vol-1");
    assert.deepEqual(await leftovers(aws([volume]), "0a1b", []), [
      { arn: volume, remove: "aws ec2 delete-volume --volume-id vol-1" },
    ]);
  });

  const kept: readonly (readonly [string, string, unknown, unknown])[] = [
    [
      arn("kms", "key/1"),
      "kms describe-key",
      { KeyMetadata: { KeyState: "PendingDeletion" } },
      { KeyMetadata: { KeyState: "Enabled" } },
    ],
    [
      arn("ecs", "task-definition/inference:3"),
      "ecs describe-task-definition",
      { taskDefinition: { status: "INACTIVE" } },
      { taskDefinition: { status: "ACTIVE" } },
    ],
    [
      arn("ec2", "natgateway/nat-1"),
      "ec2 describe-nat-gateways",
      { NatGateways: [{ State: "deleted" }] },
      { NatGateways: [{ State: "available" }] },
    ],
    [
      arn("ec2", "instance/i-1"),
      "ec2 describe-instances",
      { Reservations: [{ Instances: [{ State: { Name: "terminated" } }] }] },
      { Reservations: [{ Instances: [{ State: { Name: "running" } }] }] },
    ],
  ];
  for (const [one, question, gone, there] of kept)
    it(`${one.split(":").slice(5).join(":")} is left only while it is not gone, and when nobody could look`, async () => {
      const isLeft = async (answer: unknown) => {
        const [found] = await leftovers(aws([one], { [question]: answer }), "0a1b", []);
        return found && found.kept === undefined;
      };
      assert.equal(await isLeft(gone), false);
      assert.equal(await isLeft(there), true);
      assert.equal(await isLeft(new Error("InvalidInstanceID.NotFound: x")), undefined);
      assert.equal(await isLeft(new Error("AccessDenied: x")), true);
    });

  it("a log group of AWS is kept", async () => {
    const logGroupName = "/aws/eks/inference-1/cluster";
    const answer = { logGroups: [{ logGroupName, arn: arn("logs", `log-group:${logGroupName}:*`) }] };
    const [found, ...others] = await leftovers(aws([], { "logs describe-log-groups": answer }), "0a1b", [
      "inference-1",
    ]);
    assert.equal(found?.kept, "AWS creates this log group");
    assert.equal(found?.remove, `aws logs delete-log-group --log-group-name ${logGroupName}`);
    assert.deepEqual(others, []);
  });

  it("knows how to delete what the program creates, and otherwise names the console", () => {
    assert.equal(
      removalOf(arn("ecs", "service/cluster-1/inference")),
      "aws ecs delete-service --force --cluster cluster-1 --service inference",
    );
    assert.equal(
      removalOf(arn("ecr", "repository/inference")),
      "aws ecr delete-repository --force --repository-name inference",
    );
    assert.equal(removalOf("arn:aws:s3:::logs-1"), "aws s3 rb --force s3://logs-1");
    const balancer = arn("elasticloadbalancing", "loadbalancer/app/inference/1");
    assert.equal(removalOf(balancer), `aws elbv2 delete-load-balancer --load-balancer-arn ${balancer}`);
    assert.equal(removalOf(arn("wafv2", "regional/webacl/x/1")), "the console of wafv2");
  });
});
