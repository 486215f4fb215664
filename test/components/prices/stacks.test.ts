import assert from "node:assert/strict";
import { bill, type Line, pricedTypes } from "../../../components/prices";
import { evaluated, type Target } from "../../../tools/compare/evaluated";

type Figures = Readonly<Record<string, number>>;

async function idle(stack: string, target: Target, region: string): Promise<Line[]> {
  const { priceable, settings } = await evaluated(stack, target, { "aws:region": region });
  const shares = { ecs: Number(target === "ecs"), eks: Number(target === "eks") };
  return bill(priceable, { hours: 730, replicas: settings.replicas.min, requestsPerSecond: 0, shares });
}

async function assertFigures(stack: string, target: Target, region: string, figures: Figures) {
  const lines = await idle(stack, target, region);
  for (const [item, usd] of Object.entries(figures)) {
    const found = lines.find((line) => line.item === item)?.usd ?? Number.NaN;
    assert.ok(Math.abs(found - usd) <= 0.005 + 1e-9, `${item}: ${found} is not ${usd}`);
  }
}

describe("dev on ECS, one task of 0.5 vCPU and 1 GB, two zones, one way out", () => {
  it("costs in us-east-1 what the arithmetic says", () =>
    assertFigures("dev", "ecs", "us-east-1", {
      "NAT gateways": 32.85, // 1 × 730 × 0.045
      "Addresses of NAT gateways": 3.65, // 1 × 730 × 0.005
      "Load balancer": 16.43, // 730 × 0.0225 = 16.425
      "Addresses of the load balancer": 7.3, // 2 × 730 × 0.005
      "Fargate, vCPU": 14.78, // 0.5 × 730 × 0.04048 = 14.7752
      "Fargate, memory": 3.24, // 1 × 730 × 0.004445 = 3.24485
    }));

  it("costs in eu-west-1 what the arithmetic says", () =>
    assertFigures("dev", "ecs", "eu-west-1", {
      "NAT gateways": 35.04, // 1 × 730 × 0.048
      "Load balancer": 18.4, // 730 × 0.0252 = 18.396
      "Fargate, vCPU": 14.78, // 0.5 × 730 × 0.04048 = 14.7752
      "Fargate, memory": 3.24, // 1 × 730 × 0.004445 = 3.24485
    }));

  it("costs in ap-southeast-1 what the arithmetic says", () =>
    assertFigures("dev", "ecs", "ap-southeast-1", {
      "NAT gateways": 43.07, // 1 × 730 × 0.059
      "Load balancer": 18.4, // 730 × 0.0252 = 18.396
      "Fargate, vCPU": 18.45, // 0.5 × 730 × 0.05056 = 18.4544
      "Fargate, memory": 4.04, // 1 × 730 × 0.00553 = 4.0369
    }));
});

describe("prod on ECS, three tasks of 1 vCPU and 2 GB, three zones, a way out of each", () => {
  it("costs in us-east-1 what the arithmetic says: 108.12 for the tasks", () =>
    assertFigures("prod", "ecs", "us-east-1", {
      "NAT gateways": 98.55, // 3 × 730 × 0.045
      "Addresses of NAT gateways": 10.95, // 3 × 730 × 0.005
      "Load balancer": 16.43, // 730 × 0.0225 = 16.425
      "Addresses of the load balancer": 10.95, // 3 × 730 × 0.005
      "Fargate, vCPU": 88.65, // 3 × 1 × 730 × 0.04048 = 88.6512
      "Fargate, memory": 19.47, // 3 × 2 × 730 × 0.004445 = 19.4691
      "Container Insights": 13.97, // 3 × 730 × 0.00638 = 13.9722
    }));

  it("costs in eu-west-1 what the arithmetic says", () =>
    assertFigures("prod", "ecs", "eu-west-1", {
      "NAT gateways": 105.12, // 3 × 730 × 0.048
      "Fargate, vCPU": 88.65, // 3 × 1 × 730 × 0.04048 = 88.6512
      "Fargate, memory": 19.47, // 3 × 2 × 730 × 0.004445 = 19.4691
    }));

  it("costs in ap-southeast-1 what the arithmetic says: 134.95 for the tasks", () =>
    assertFigures("prod", "ecs", "ap-southeast-1", {
      "NAT gateways": 129.21, // 3 × 730 × 0.059
      "Fargate, vCPU": 110.73, // 3 × 1 × 730 × 0.05056 = 110.7264
      "Fargate, memory": 24.22, // 3 × 2 × 730 × 0.00553 = 24.2214
    }));
});

describe("prod on EKS, three pods in three zones, a machine in each and one for the system", () => {
  it("costs in us-east-1 what the arithmetic says", () =>
    assertFigures("prod", "eks", "us-east-1", {
      "EKS control plane": 73, // 730 × 0.10
      "KMS key": 1, // 1 × 1.00
      "System node, c7g.large": 52.93, // 730 × 0.0725 = 52.925
      "System node, c7g.large, Auto Mode fee": 6.35, // 52.925 × 0.12 = 6.351
      "Nodes, c6i.large": 186.15, // 3 × 730 × 0.085
      "Nodes, c6i.large, Auto Mode fee": 22.34, // 186.15 × 0.12 = 22.338
      "Nodes, volumes": 19.2, // 3 × 80 × 0.08
    }));

  it("costs in eu-west-1 what the arithmetic says", () =>
    assertFigures("prod", "eks", "eu-west-1", {
      "EKS control plane": 73, // 730 × 0.10
      "System node, c7g.large": 56.58, // 730 × 0.0775 = 56.575
      "Nodes, c6i.large": 199.73, // 3 × 730 × 0.0912 = 199.728
      "Nodes, c6i.large, Auto Mode fee": 23.97, // 199.728 × 0.12 = 23.96736
      "Nodes, volumes": 21.12, // 3 × 80 × 0.088
    }));

  it("costs in ap-southeast-1 what the arithmetic says", () =>
    assertFigures("prod", "eks", "ap-southeast-1", {
      "EKS control plane": 73, // 730 × 0.10
      "System node, c7g.large": 60.81, // 730 × 0.0833 = 60.809
      "Nodes, c6i.large": 214.62, // 3 × 730 × 0.098
      "Nodes, c6i.large, Auto Mode fee": 25.75, // 214.62 × 0.12 = 25.7544
      "Nodes, volumes": 23.04, // 3 × 80 × 0.096
    }));
});

describe("prod on EKS at its most, twelve pods in three zones, one machine in each for four of them", () => {
  it("costs in us-east-1 what the arithmetic says", async () => {
    const { priceable, settings } = await evaluated("prod", "eks", { "aws:region": "us-east-1" });
    const load = { hours: 730, replicas: settings.replicas.max, requestsPerSecond: 0, shares: { ecs: 0, eks: 1 } };
    const nodes = bill(priceable, load).filter(({ item }) => item.startsWith("Nodes, "));
    assert.deepEqual(
      nodes.map(({ item, usd }) => [item, usd.toFixed(2)]),
      [
        ["Nodes, c6i.2xlarge", "744.60"], // 3 × 4 larges × 730 × 0.085; two m6i.xlarge, with room for three each, cost 2 × 2 × 0.096
        ["Nodes, c6i.2xlarge, Auto Mode fee", "89.35"], // 744.60 × 0.12 = 89.352
        ["Nodes, volumes", "19.20"], // 3 × 80 × 0.08
      ],
    );
  });
});

describe("a load balancer inside the network", () => {
  it("has no public address to pay for, and no answer that leaves for the internet", async () => {
    for (const target of ["ecs", "eks"] as const) {
      const { priceable } = await evaluated("prod", target, { "inference:internal": true });
      const shares = { ecs: Number(target === "ecs"), eks: Number(target === "eks") };
      const lines = bill(priceable, { hours: 730, replicas: 3, requestsPerSecond: 10, shares });
      const items = lines.map(({ item }) => item);
      assert.ok(items.includes("Load balancer") && items.includes("Addresses of NAT gateways"));
      assert.ok(!items.includes("Addresses of the load balancer") && !items.includes("Responses to the internet"));
    }
  });
});

describe("a health check of a domain", () => {
  it("is billed with its HTTPS", async () => {
    const { priceable } = await evaluated("dev", "ecs", {
      "inference:domain": { name: "api.example.com", zone: "example.com" },
    });
    const lines = bill(priceable, { hours: 730, replicas: 1, requestsPerSecond: 0, shares: { ecs: 1, eks: 0 } });
    const usd = (item: string) => lines.find((line) => line.item === item)?.usd;
    assert.deepEqual([usd("Health check"), usd("Health check, HTTPS")], [0.5, 1]);
  });
});

/** What costs nothing by itself, or only for what passes through it. A type that is neither here nor in the model is asked about. */
const free = [
  ...["aws:appautoscaling/policy:Policy", "aws:appautoscaling/scheduledAction:ScheduledAction"],
  ...["aws:appautoscaling/target:Target", "aws:budgets/budget:Budget", "aws:cloudwatch/logGroup:LogGroup"],
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
  ...["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:lb/listener:Listener"],
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

describe("the price model", () => {
  it("knows of every type that prod declares what it costs, or that it costs nothing", async () => {
    const edge = {
      "inference:domain": { name: "api.example.com", zone: "example.com" },
      "inference:waf": { mode: "block" },
      "inference:network": { ipv6: true },
      "inference:notifications": { emails: ["ann@example.com"] },
    };
    const targets = [await evaluated("prod", "ecs"), await evaluated("prod", "eks", edge)];
    const types = targets.flatMap(({ plan }) => plan.resources.map(({ type }) => type));
    const onAws = new Set(types.filter((type) => /^(aws|awsx|eks):/.test(type)));
    assert.ok(onAws.size > 20);
    const unknown = [...onAws].filter((type) => !free.includes(type) && !pricedTypes.includes(type));
    assert.deepEqual(unknown, [], "say in components/prices/declared.ts what it costs, or here that it is free");
  });
});
