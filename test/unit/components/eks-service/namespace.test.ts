import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import type { PlannedResource } from "../../../../tools/offline";
import { foreign } from "../../../support/parity/stacks";
import { cloudOfTeam, eksService, team } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const identity = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const plan = (own: Readonly<Record<string, unknown>> = {}) => declared(() => void eksService(own));

describe("EKS namespace", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await plan({ modelUri: "s3://models/cats" });
  });

  it("enforces the restricted pod security standard and injects readiness gates", () => {
    const { labels } = plain.one("kubernetes:core/v1:Namespace").inputs.metadata as { labels: unknown };
    assert.deepEqual(labels, {
      "eks.amazonaws.com/pod-readiness-gate-inject": "enabled",
      "pod-security.kubernetes.io/enforce": "restricted",
    });
  });

  it("admits a sidecar that runs as root, and no other pod does less than restricted", async () => {
    const image = `ghcr.io/team/agent@sha256:${"0".repeat(64)}`;
    const enforced = async (user: string) => {
      const own = await plan({ sidecars: { agent: { image, cpu: 128, memory: 256, user } } });
      const { labels } = own.one("kubernetes:core/v1:Namespace").inputs.metadata as { labels: Record<string, string> };
      return labels["pod-security.kubernetes.io/enforce"];
    };
    assert.deepEqual([await enforced("root"), await enforced("1000")], ["baseline", "restricted"]);
  });

  it("has a service account without an API token", () => {
    const { inputs } = plain.one("kubernetes:core/v1:ServiceAccount");
    assert.equal(inputs.automountServiceAccountToken, false);
    assert.equal((inputs.metadata as { namespace: string }).namespace, "inference");
  });

  it("gives the pods a role by Pod Identity, which may read the model and no more", () => {
    const role = plain.one("aws:iam/role:Role", "inference-pod");
    const [trust] = (JSON.parse(String(role.inputs.assumeRolePolicy)) as { Statement: unknown[] }).Statement;
    assert.deepEqual(trust, {
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    });
    assert.deepEqual(plain.statements("inference-pod"), [
      { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::models/cats/*"] },
    ]);
    const { clusterName, namespace, serviceAccount, roleArn } = plain.one(identity).inputs;
    assert.deepEqual(
      [clusterName, namespace, serviceAccount, roleArn],
      ["inference-test", "inference", "inference", "arn:aws:iam::123456789012:role/inference-pod"],
    );
  });

  it("is complete before the first pod: identity, permissions and network policy", () => {
    const deployment = plain.one("kubernetes:apps/v1:Deployment");
    assert.ok(plain.dependsOn(deployment, plain.one("aws:iam/rolePolicy:RolePolicy", "inference-pod")));
    for (const type of [
      identity,
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "kubernetes:core/v1:ConfigMap",
      "kubernetes:core/v1:ServiceAccount",
    ])
      assert.ok(plain.dependsOn(deployment, plain.one(type)), type);
  });

  it("lets in the load balancer's subnets and labelled namespaces, on one port", () => {
    const { spec } = plain.one("kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs;
    const { podSelector, ingress } = spec as types.output.networking.v1.NetworkPolicySpec;
    assert.deepEqual(podSelector, {});
    assert.deepEqual(ingress, [
      {
        from: [
          { ipBlock: { cidr: "10.0.128.0/21" } },
          { ipBlock: { cidr: "10.0.136.0/21" } },
          { namespaceSelector: { matchLabels: { "inference/caller": "allowed" } } },
        ],
        ports: [{ protocol: "TCP", port: 8080 }],
      },
    ]);
  });

  it("gets another network policy when the port changes: the old one lets requests to the old pods in", async () => {
    const triggerOf = (of: PlanUnderTest) =>
      of.one("kubernetes:networking.k8s.io/v1:NetworkPolicy").options.replacementTrigger;
    const onPort = (port: number) => plan({ container: { ...foreign.container, port } });
    assert.deepEqual(triggerOf(await onPort(8080)), [["10.0.128.0/21", "10.0.136.0/21"], 8080]);
    assert.deepEqual(triggerOf(await onPort(9000)), [["10.0.128.0/21", "10.0.136.0/21"], 9000]);
  });

  const lets = ({ inputs }: PlannedResource) => {
    const { policyTypes, egress } = inputs.spec as types.output.networking.v1.NetworkPolicySpec;
    assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
    return egress;
  };
  const always = [
    {
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    },
    {
      to: [{ ipBlock: { cidr: "169.254.170.23/32" } }, { ipBlock: { cidr: "fd00:ec2::23/128" } }],
      ports: [{ protocol: "TCP", port: 80 }],
    },
    { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ protocol: "TCP", port: 443 }] },
  ];

  it("lets out DNS, Pod Identity and HTTPS, and nothing else", () =>
    assert.deepEqual(lets(plain.one("kubernetes:networking.k8s.io/v1:NetworkPolicy")), always));

  it("lets out what egress names, on an existing cluster as well", async () => {
    const egress = {
      database: { cidr: "10.0.0.0/16", port: 5432 },
      all: { cidr: "2001:db8::/32", port: "all", protocol: "udp" },
    };
    for (const existing of [undefined, team]) {
      const cloud = existing && cloudOfTeam;
      const own = await declared(() => void eksService({ egress }, { cluster: existing }), cloud);
      assert.deepEqual(lets(own.one("kubernetes:networking.k8s.io/v1:NetworkPolicy")), [
        ...always,
        { to: [{ ipBlock: { cidr: "10.0.0.0/16" } }], ports: [{ protocol: "TCP", port: 5432 }] },
        { to: [{ ipBlock: { cidr: "2001:db8::/32" } }], ports: [{ protocol: "UDP", port: 1, endPort: 65_535 }] },
      ]);
    }
  });

  it("enables enforcement of network policies, which Auto Mode does not by default", () => {
    const { inputs } = plain.one("kubernetes:core/v1:ConfigMap");
    assert.deepEqual(inputs.metadata, { namespace: "kube-system", name: "amazon-vpc-cni" });
    assert.deepEqual(inputs.data, { "enable-network-policy-controller": "true" });
  });

  it("creates no policy without permissions", async () =>
    assert.deepEqual((await plan()).names("aws:iam/rolePolicy:RolePolicy"), ["inference-observability"]));
});

describe("EKS secrets", () => {
  const managed = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf";
  const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/key";
  const providerClass = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass";

  it("need no driver when there are none", async () => {
    const plain = await plan();
    assert.deepEqual(plain.names("aws:eks/addon:Addon"), ["inference-metrics-server", "inference-observability"]);
    assert.deepEqual(plain.all(providerClass), []);
  });

  it("come through the driver of AWS, which may keep them as a Kubernetes secret", async () => {
    const { inputs } = (await plan({ secrets: { TOKEN: managed } })).one("aws:eks/addon:Addon", "inference-secrets");
    assert.equal(inputs.addonName, "aws-secrets-store-csi-driver-provider");
    assert.deepEqual(JSON.parse(String(inputs.configurationValues)), {
      "secrets-store-csi-driver": { syncSecret: { enabled: true } },
    });
  });

  it("are fetched by arn, a key of a secret by its path, under the name of the variable", async () => {
    const secrets = { TOKEN: managed, PART: `${managed}:password::`, KEY: parameter };
    const plain = await plan({ secrets });
    const spec = plain.one(providerClass).inputs.spec as {
      provider: string;
      parameters: { region: string; usePodIdentity: string; objects: string };
      secretObjects: { secretName: string; type: string; data: unknown }[];
    };
    assert.deepEqual(
      [spec.provider, spec.parameters.region, spec.parameters.usePodIdentity],
      ["aws", "eu-west-1", "true"],
    );
    assert.deepEqual(JSON.parse(spec.parameters.objects), [
      { objectName: managed, objectAlias: "TOKEN" },
      { objectName: parameter, objectAlias: "KEY" },
      {
        objectName: managed,
        objectAlias: "PART-secret",
        jmesPath: [{ path: '"password" && to_string("password")', objectAlias: "PART" }],
      },
    ]);
    assert.deepEqual(spec.secretObjects, [
      {
        secretName: "inference-secrets",
        type: "Opaque",
        data: ["TOKEN", "PART", "KEY"].map((name) => ({ objectName: name, key: name })),
      },
    ]);
    assert.ok(plain.dependsOn(plain.one(providerClass), plain.one("aws:eks/addon:Addon", "inference-secrets")));
    assert.ok(plain.dependsOn(plain.one("kubernetes:apps/v1:Deployment"), plain.one(providerClass)));
  });

  it("are read by the pods' role, which allows only the named ones", async () =>
    assert.deepEqual((await plan({ secrets: { TOKEN: managed, KEY: parameter } })).statements("inference-pod"), [
      {
        Effect: "Allow",
        Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        Resource: [managed, `${managed}-??????`],
      },
      { Effect: "Allow", Action: ["ssm:GetParameters"], Resource: [parameter] },
    ]));
});

describe("EKS image pull secret", () => {
  const secretArn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ghcr-AbCdEf";
  const token = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf";
  const providerClass = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass";
  const pulling = (own: Readonly<Record<string, unknown>> = {}, registry = "ghcr.io") =>
    declared(() => void eksService(own, { image: { credentials: { secretArn, registry } } }));
  const classOf = (plan: PlanUnderTest) => {
    const { parameters, secretObjects } = plan.one(providerClass).inputs.spec as {
      parameters: { objects: string };
      secretObjects: unknown[];
    };
    return { objects: JSON.parse(parameters.objects) as unknown[], secretObjects };
  };
  const dockerConfig = (registry: string) => ({
    objectName: secretArn,
    objectAlias: "image-pull-secret",
    jmesPath: [
      {
        path: `username && password && to_string({auths: {"${registry}": {username: username, password: password}}})`,
        objectAlias: "image-pull",
      },
    ],
  });
  const kept = {
    secretName: "inference-image-pull",
    type: "kubernetes.io/dockerconfigjson",
    data: [{ objectName: "image-pull", key: ".dockerconfigjson" }],
  };

  it("is made by the driver from a username and a password", async () => {
    const plan = await pulling();
    assert.deepEqual(classOf(plan), { objects: [dockerConfig("ghcr.io")], secretObjects: [kept] });
    assert.ok(plan.dependsOn(plan.one(providerClass), plan.one("aws:eks/addon:Addon", "inference-secrets")));
  });

  it("names Docker Hub as the kubelet does", async () =>
    assert.deepEqual(classOf(await pulling({}, "https://index.docker.io/v1/")).objects, [
      dockerConfig("https://index.docker.io/v1/"),
    ]));

  it("is beside the variables of the container, of the same secret as well", async () => {
    const { objects, secretObjects } = classOf(await pulling({ secrets: { TOKEN: token, SAME: secretArn } }));
    assert.deepEqual(objects, [
      { objectName: token, objectAlias: "TOKEN" },
      { objectName: secretArn, objectAlias: "SAME" },
      dockerConfig("ghcr.io"),
    ]);
    assert.equal(secretObjects.length, 2);
    assert.deepEqual(secretObjects[1], kept);
  });

  it("is what the pods pull with, and the volume that makes it is mounted: the kubelet mounts no other", async () => {
    const plan = await pulling();
    const { spec } = plan.one("kubernetes:apps/v1:Deployment").inputs as { spec: types.output.apps.v1.DeploymentSpec };
    const pod = spec.template.spec;
    assert.deepEqual(pod.imagePullSecrets, [{ name: "inference-image-pull" }]);
    const mounted = pod.containers[0]?.volumeMounts.map(({ name }) => name) ?? [];
    assert.ok(
      pod.volumes.some(({ name, csi }) => csi?.driver === "secrets-store.csi.k8s.io" && mounted.includes(name)),
    );
  });

  it("is read by the pods' role", async () =>
    assert.deepEqual((await pulling()).statements("inference-pod"), [
      {
        Effect: "Allow",
        Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        Resource: [secretArn, `${secretArn}-??????`],
      },
    ]));

  it("is absent for images that need no sign-in", async () => {
    const { spec } = (await plan({ secrets: { TOKEN: token } })).one("kubernetes:apps/v1:Deployment").inputs as {
      spec: types.output.apps.v1.DeploymentSpec;
    };
    assert.equal("imagePullSecrets" in spec.template.spec, false);
  });
});

describe("EKS secrets: several keys of one secret", () => {
  const login = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-AbCdEf";
  const objectsOf = async (secrets: Readonly<Record<string, string>>) => {
    const { spec } = (await plan({ secrets })).one(
      "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass",
    ).inputs;
    return JSON.parse((spec as { parameters: { objects: string } }).parameters.objects) as Record<string, unknown>[];
  };

  it("are one object: the provider refuses a second one of the same name", async () => {
    const [only, ...others] = await objectsOf({ DB_USER: `${login}:username::`, DB_PORT: `${login}:port-number::` });
    assert.deepEqual(others, []);
    assert.deepEqual(only, {
      objectName: login,
      objectAlias: "DB_USER-secret",
      jmesPath: [
        { path: '"username" && to_string("username")', objectAlias: "DB_USER" },
        { path: '"port-number" && to_string("port-number")', objectAlias: "DB_PORT" },
      ],
    });
  });

  it("are an object for each stage and version, which ECS reads too", async () => {
    const objects = await objectsOf({
      NOW: `${login}:password::`,
      BEFORE: `${login}:password:AWSPREVIOUS:`,
      FIXED: `${login}:::0123456789abcdef0123456789abcdef`,
    });
    assert.deepEqual(
      objects.map(({ objectAlias, objectVersionLabel, objectVersion }) => [
        objectAlias,
        objectVersionLabel,
        objectVersion,
      ]),
      [
        ["FIXED", undefined, "0123456789abcdef0123456789abcdef"],
        ["NOW-secret", undefined, undefined],
        ["BEFORE-secret", "AWSPREVIOUS", undefined],
      ],
    );
  });
});
