import assert from "node:assert/strict";
import { offlineCloud } from "../../../../tools/offline/cloud";
import { cloudOfTeam, eksService, team } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const cluster = "eks:index:Cluster";
const plan = (eks: Readonly<Record<string, unknown>> = { endpointCidrs: ["192.0.2.0/24"] }) =>
  declared(() => void eksService({ eks }));

describe("New EKS cluster", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await plan();
  });

  it("uses Auto Mode with the system pool only", () => {
    const { enabled, computeConfig } = plain.one(cluster).inputs.autoMode as Record<string, unknown>;
    assert.deepEqual([enabled, computeConfig], [true, { nodePools: ["system"] }]);
  });

  it("has a name that is known in advance, and the stack's version and support policy", async () => {
    const { inputs } = (await plan({ version: "1.34", support: "EXTENDED", endpoint: "private" })).one(cluster);
    assert.deepEqual(
      [inputs.name, inputs.version, inputs.upgradePolicy],
      ["inference-test", "1.34", { supportType: "EXTENDED" }],
    );
  });

  it("is in the private subnets of the VPC", () => {
    const { inputs } = plain.one(cluster);
    assert.deepEqual([inputs.vpcId, inputs.privateSubnetIds], ["vpc-1", ["subnet-a", "subnet-b"]]);
  });

  it("has a private endpoint, and a public one for endpointCidrs", () => {
    const { inputs } = plain.one(cluster);
    assert.deepEqual(
      [inputs.endpointPrivateAccess, inputs.endpointPublicAccess, inputs.publicAccessCidrs],
      [true, true, ["192.0.2.0/24"]],
    );
  });

  it("has no public endpoint when endpoint is private", async () => {
    const { inputs } = (await plan({ endpoint: "private", endpointCidrs: ["192.0.2.0/24"] })).one(cluster);
    assert.deepEqual([inputs.endpointPublicAccess, "publicAccessCidrs" in inputs], [false, false]);
  });

  it("authenticates by access entries only, one for each deployer", async () => {
    const arns = [
      "arn:aws:iam::123456789012:role/team/deploy",
      "arn:aws:iam::123456789012:role/team-deploy",
      "arn:aws:iam::123456789012:user/deploy",
      "arn:aws:iam::999999999999:role/team/deploy",
    ];
    const { inputs } = (await plan({ endpoint: "private", deployerArns: arns })).one(cluster);
    assert.equal(inputs.authenticationMode, "API");
    const entries = Object.entries(
      inputs.accessEntries as Record<string, { principalArn: string; accessPolicies: unknown }>,
    );
    assert.deepEqual(entries.map(([, { principalArn }]) => principalArn).sort(), [...arns].sort());
    for (const [name] of entries) assert.match(name, /^deployer-[0-9a-f]{12}$/);
    for (const [, { accessPolicies }] of entries)
      assert.deepEqual(accessPolicies, {
        admin: {
          policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
          accessScope: { type: "cluster" },
        },
      });
  });

  it("encrypts its secrets with its own rotating KMS key", () => {
    const key = plain.one("aws:kms/key:Key");
    assert.equal(key.inputs.enableKeyRotation, true);
    assert.equal(
      plain.one(cluster).inputs.encryptionConfigKeyArn,
      "arn:aws:kms:eu-west-1:123456789012:key/inference-eks",
    );
  });

  it("writes audit logs of its API", () =>
    assert.deepEqual(plain.one(cluster).inputs.enabledClusterLogTypes, ["api", "audit", "authenticator"]));

  it("gives its services the addresses that the settings exclude from the VPC", () =>
    assert.equal(plain.one(cluster).inputs.kubernetesServiceIpAddressRange, "172.20.0.0/16"));

  it("has no OIDC provider: pods use Pod Identity", () =>
    assert.equal(plain.one(cluster).inputs.createOidcProvider, false));

  it("installs metrics-server for scaling", () => {
    const { inputs } = plain.one("aws:eks/addon:Addon", "inference-metrics-server");
    assert.deepEqual([inputs.clusterName, inputs.addonName], ["inference-test", "metrics-server"]);
  });

  it("exists with its access entries and metrics-server before any object inside it", () => {
    const inside = plain.plan.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.ok(inside.length > 8);
    for (const resource of inside) {
      assert.ok(
        plain.dependsOn(resource, plain.one("aws:eks/addon:Addon", "inference-metrics-server")),
        `${resource.type} before the add-on`,
      );
      assert.ok(
        resource.dependencies.includes(plain.one(cluster).urn) || plain.dependsOn(resource, plain.one(cluster)),
        `${resource.type} before the cluster`,
      );
    }
    const namespace = plain.one("kubernetes:core/v1:Namespace");
    assert.ok(
      namespace.dependencies.includes(plain.one(cluster).urn),
      "on the whole cluster, not on its kubeconfig alone",
    );
  });

  it("has no CoreDNS and no node role, which Auto Mode makes unnecessary", () => {
    const { corednsAddonOptions, skipDefaultNodeGroup } = plain.one(cluster).inputs;
    assert.equal((corednsAddonOptions as { enabled: boolean }).enabled, false);
    assert.equal(skipDefaultNodeGroup, true);
  });

  it("has a kubeconfig with the credentials of the stack's aws keys", async () => {
    const connection = { profile: "team", assumeRoles: [], endpoints: {} };
    const user = { exec: { command: "aws", args: ["eks", "get-token"] } };
    const cloud = offlineCloud("eu-west-1");
    const create: typeof cloud.create = (args) => {
      const made = cloud.create(args);
      const kubeconfigJson = JSON.stringify({ users: [{ name: "aws", user }] });
      return args.type === cluster ? { ...made, state: { ...made.state, kubeconfigJson } } : made;
    };
    const plan = await declared(() => void eksService({}, { connection }), { ...cloud, create });
    const { kubeconfig } = plan.one("pulumi:providers:kubernetes").inputs;
    const [{ user: own }] = JSON.parse(String(kubeconfig)).users;
    assert.deepEqual(own.exec.args, ["eks", "get-token", "--profile", "team"]);
  });

  it("is identified by name in its provider, so that a new address replaces nothing", () => {
    const { inputs, secretInputs } = plain.one("pulumi:providers:kubernetes");
    assert.equal(inputs.clusterIdentifier, "inference-test");
    assert.ok(secretInputs.includes("kubeconfig"));
  });
});

describe("Existing EKS cluster", () => {
  const onTeam = (controller: "auto" | "lbc", own: Readonly<Record<string, unknown>> = {}) =>
    declared(() => void eksService(own, { cluster: { ...team, controller } }), cloudOfTeam);

  for (const controller of ["auto", "lbc"] as const) {
    it(`is not changed, with the controller ${controller}`, async () => {
      const secrets = { KEY: "arn:aws:ssm:eu-west-1:123456789012:parameter/key" };
      const plan = await onTeam(controller, { secrets });
      const own = plan.plan.resources
        .map(({ type }) => type)
        .filter((type) => /^(aws:eks|aws:kms|eks:|karpenter)/.test(type));
      assert.deepEqual(own, ["aws:eks/podIdentityAssociation:PodIdentityAssociation"]);
      assert.deepEqual(plan.all("kubernetes:karpenter.sh/v1:NodePool"), []);
      assert.deepEqual(plan.all("kubernetes:core/v1:ConfigMap"), [], "what the cluster enforces is its owner's to say");
    });
  }

  it("registers pods as its controller does", async () => {
    for (const [controller, group] of [
      ["auto", "eks.amazonaws.com"],
      ["lbc", "elbv2.k8s.aws"],
    ] as const) {
      const plan = await onTeam(controller);
      const version = controller === "auto" ? "v1" : "v1beta1";
      plan.one(`kubernetes:${group}/${version}:TargetGroupBinding`);
      const { labels } = plan.one("kubernetes:core/v1:Namespace").inputs.metadata as { labels: Record<string, string> };
      const gates = Object.keys(labels).filter((label) => label.endsWith("pod-readiness-gate-inject"));
      assert.deepEqual(gates, [`${group}/pod-readiness-gate-inject`]);
    }
  });

  it("uses the configured kubeconfig, which remains a secret, whatever the stack's aws keys are", async () => {
    const connection = { profile: "team", assumeRoles: [], endpoints: {} };
    const plan = await declared(() => void eksService({}, { cluster: team, connection }), cloudOfTeam);
    const provider = plan.one("pulumi:providers:kubernetes");
    assert.deepEqual([provider.inputs.kubeconfig, provider.inputs.clusterIdentifier], ["a kubeconfig", "team"]);
    assert.ok(provider.secretInputs.includes("kubeconfig"));
  });

  it("allows the load balancer in the cluster's security group", async () => {
    const plan = await onTeam("lbc");
    const { inputs } = plan.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    assert.deepEqual([inputs.securityGroupId, inputs.referencedSecurityGroupId], ["sg-team", "sg-gateway"]);
  });

  it("associates the pods' role in the cluster by its name", async () =>
    assert.equal(
      (await onTeam("lbc")).one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs.clusterName,
      "team",
    ));
});
