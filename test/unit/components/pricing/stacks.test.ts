import assert from "node:assert/strict";
import { bill, pricedTypes } from "../../../../components/pricing";
import { evaluated } from "../../../../tools/compare/evaluated";

describe("prod on EKS at its most, twelve pods in three zones, four in each on two machines of different size", () => {
  it("costs in us-east-1 the result of the worked example", async () => {
    const { priceable, settings } = await evaluated("prod", "eks", { "aws:region": "us-east-1" });
    const load = { hours: 730, replicas: settings.replicas.max, requestsPerSecond: 0, shares: { ecs: 0, eks: 1 } };
    const nodes = bill(priceable, load).filter(({ item }) => item.startsWith("Nodes, "));
    assert.deepEqual(Object.fromEntries(nodes.map(({ item, usd }) => [item, usd.toFixed(3)])), {
      // An m5a.xlarge for three pods and a c6a.large for one: 2 × 0.086 + 0.0765 an hour. A c6a.2xlarge for all four is 4 × 0.0765.
      "Nodes, m5a.xlarge": "376.680", // 3 × 2 × 730 × 0.086
      "Nodes, m5a.xlarge, Auto Mode fee": "45.202", // 12 % of that
      "Nodes, c6a.large": "167.535", // 3 × 730 × 0.0765
      "Nodes, c6a.large, Auto Mode fee": "20.104", // 12 % of that
      "Nodes, volumes": "38.400", // 6 × 80 × 0.08
      "Nodes, Container Insights": "21.303", // 6 × 386 × 60 × 730 / 1,000,000 × 0.21
    });
  });
});

describe("Internal load balancer", () => {
  it("has no costs for public addresses and responses to the internet", async () => {
    for (const target of ["ecs", "eks"] as const) {
      const { priceable } = await evaluated("prod", target, { internal: true });
      const shares = { ecs: Number(target === "ecs"), eks: Number(target === "eks") };
      const lines = bill(priceable, { hours: 730, replicas: 3, requestsPerSecond: 10, shares });
      const items = lines.map(({ item }) => item);
      assert.ok(items.includes("Load balancer") && items.includes("Addresses of NAT gateways"));
      assert.ok(!items.includes("Addresses of the load balancer") && !items.includes("Responses to the internet"));
    }
  });
});

describe("An existing ECS cluster", () => {
  it("leaves out Container Insights, which its owner turns on", async () => {
    const items = async (own: Readonly<Record<string, unknown>>) => {
      const { priceable } = await evaluated("dev", "ecs", own);
      const load = { hours: 730, replicas: 1, requestsPerSecond: 0, shares: { ecs: 1, eks: 0 } };
      return bill(priceable, load).map(({ item }) => item);
    };
    const [own, existing] = [await items({}), await items({ ecs: { cluster: "models" } })];
    assert.deepEqual(
      own.filter((item) => !existing.includes(item)),
      ["Container Insights"],
    );
  });
});

describe("Health check of a domain", () => {
  it("is billed with its HTTPS", async () => {
    const { priceable } = await evaluated("dev", "ecs", {
      domain: { name: "api.example.com", zone: "example.com" },
    });
    const lines = bill(priceable, { hours: 730, replicas: 1, requestsPerSecond: 0, shares: { ecs: 1, eks: 0 } });
    const usd = (item: string) => lines.find((line) => line.item === item)?.usd;
    assert.deepEqual([usd("Health check"), usd("Health check, HTTPS")], [0.5, 1]);
  });
});

/** What costs nothing by itself, or only for what passes through it. A type that is neither here nor in the model is asked about. */
const free = [
  ...["aws:appautoscaling/scheduledAction:ScheduledAction", "aws:appautoscaling/target:Target"],
  ...["aws:budgets/budget:Budget", "aws:cloudwatch/logGroup:LogGroup"],
  ...["aws:acm/certificate:Certificate", "aws:acm/certificateValidation:CertificateValidation"],
  ...[
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "aws:cloudwatch/queryDefinition:QueryDefinition",
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule",
  ],
  ...[
    "aws:ec2/route:Route",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  ],
  ...["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws:ecr/lifecyclePolicy:LifecyclePolicy"],
  ...["aws:ecr/repository:Repository", "aws:ecs/cluster:Cluster", "aws:ecs/service:Service"],
  ...["aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "aws:ecs/taskDefinition:TaskDefinition"],
  ...["aws:eks/addon:Addon", "aws:eks/podIdentityAssociation:PodIdentityAssociation"],
  ...["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
  "aws:lb/listener:Listener",
  ...["aws:lb/listenerRule:ListenerRule", "aws:lb/targetGroup:TargetGroup", "aws:route53/record:Record"],
  ...[
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  ],
  ...["aws:s3/bucketOwnershipControls:BucketOwnershipControls"],
  ...["aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "aws:s3/bucketVersioning:BucketVersioning"],
  ...["aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"],
  ...["aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy", "aws:sns/topicSubscription:TopicSubscription"],
  ...[
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
  ],
];

describe("Price model", () => {
  it("has a price, or an entry as free, for every resource type of prod", async () => {
    const edge = {
      domain: { name: "api.example.com", zone: "example.com" },
      waf: { mode: "block" },
      network: { ipv6: true },
      notifications: { emails: ["ann@example.com"] },
    };
    const targets = [await evaluated("prod", "ecs"), await evaluated("prod", "eks", edge)];
    const types = targets.flatMap(({ plan }) => plan.resources.map(({ type }) => type));
    const onAws = new Set(types.filter((type) => /^(aws|awsx|eks):/.test(type)));
    assert.ok(onAws.size > 20);
    const unknown = [...onAws].filter((type) => !free.includes(type) && !pricedTypes.includes(type));
    assert.deepEqual(unknown, [], "say in components/pricing/fixed-costs.ts what it costs, or here that it is free");
  });
});

describe("Ephemeral storage", () => {
  it("costs what Fargate bills above 20 GB, on ECS only", async () => {
    const container = { preset: "other", ephemeralStorageGiB: 50 };
    for (const [target, usd] of [
      ["ecs", 4.8618], // 2 tasks × 30 GB × 730 h × 0.000111
      ["eks", undefined],
    ] as const) {
      const { priceable } = await evaluated("dev", target, {
        "aws:region": "us-east-1",
        container: container,
      });
      const shares = { ecs: Number(target === "ecs"), eks: Number(target === "eks") };
      const lines = bill(priceable, { hours: 730, replicas: 2, requestsPerSecond: 0, shares });
      const line = lines.find(({ item }) => item === "Fargate, ephemeral storage above 20 GB");
      assert.equal(line && Number(line.usd.toFixed(4)), usd);
    }
  });
});
