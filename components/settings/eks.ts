import { overlap, parseCidr } from "../core/cidr";
import { serviceCidr } from "../core/eks-versions";
import { parseImage } from "../core/image-reference";
import { nodeCpus } from "../core/node-cpu";
import type { Problem } from "../core/problems";
import { entry } from "./entry";
import { arnShown } from "./environment";
import { digestReference } from "./image";
import type { Values } from "./keys";
import { targetsInUse } from "./model";
import { whenValid } from "./rule";
import { cidr, flag, list, object, oneOf, optional, record, redacted, text, type ValueOf } from "./schema";

const principal = text("the arn of an IAM role or user such as arn:aws:iam::123456789012:role/deployer", (value) =>
  /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/\S+$/.test(value),
);

const addonName = {
  fits: /^(amazon-cloudwatch-observability|aws-efs-csi-driver|aws-secrets-store-csi-driver-provider|metrics-server)$/,
  expected:
    "one of amazon-cloudwatch-observability, aws-efs-csi-driver, aws-secrets-store-csi-driver-provider, metrics-server",
};
const addonVersion = text(
  "a version that `aws eks describe-addon-versions` lists, such as v6.4.0-eksbuild.1",
  (value) => /^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(value),
);

const existingCluster = object(
  {
    name: text("the name of an EKS cluster", (value) => /^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/.test(value)),
    kubeconfig: redacted(
      text("a kubeconfig: pulumi config set --secret --path eks.cluster.kubeconfig", (value) =>
        ["clusters", "contexts", "server", "users"].every((part) => value.includes(part)),
      ),
    ),
    controller: oneOf(["auto", "lbc"]),
  },
  { controller: "auto" },
);
export type ExistingCluster = ValueOf<typeof existingCluster>;

export const eksKeys = {
  eks: entry({
    schema: object(
      {
        version: text("a Kubernetes version such as 1.35", (value) => /^1\.\d{2}$/.test(value)),
        support: oneOf(["STANDARD", "EXTENDED"]),
        endpoint: oneOf(["public", "private"]),
        endpointCidrs: list(cidr),
        deployerArns: list(principal),
        addonVersions: record(addonName, addonVersion),
        rollback: flag,
        cpu: oneOf(nodeCpus),
        cluster: optional(existingCluster),
        jobImage: optional(text("repository@sha256:<64 hex digits>", (value) => digestReference.test(value))),
      },
      {
        version: "1.35",
        support: "STANDARD",
        endpoint: "public",
        endpointCidrs: [],
        deployerArns: [],
        addonVersions: {},
        rollback: true,
        cpu: "any",
      },
    ),
    text: "The EKS cluster: its Kubernetes `version` (EKS upgrades one minor version at a time), STANDARD or EXTENDED `support`, a public or private `endpoint`, the blocks that may reach the public one, and further principals that deploy. `addonVersions` pins an add-on; without a pin, `pulumi up` follows EKS's default for the Kubernetes version. `jobImage` is an image with Node 18 or later, by digest: the jobs that follow `schedule` and the request scaler run it in place of the container's own image. With `rollback`, a version that does not become healthy, or whose alarms fire while it is watched, is replaced by the version before, as on ECS. With `cpu: amx` the nodes have Intel CPUs with AMX (c7i, m7i), for models in bf16 or int8. Or an existing `cluster` in the VPC that `network` names, whose configuration stays as it is: docs/architecture.md lists what it needs. `pulumi config set --secret --path eks.cluster.kubeconfig` keeps its kubeconfig secret.",
    example: {
      target: "eks",
      eks: { endpointCidrs: ["203.0.113.0/24"], addonVersions: { "metrics-server": "v0.8.0-eksbuild.3" } },
    },
    mayBeEncrypted: true,
  }),
};

/** The default NodeClass: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html, ephemeralStorage. */
const mostStorageGiB = 60;

export const eksRules = [
  whenValid({
    key: "eks",
    fact: "An existing cluster needs the `vpcId` and the subnets of its VPC under `network`.",
    reads: ["target", "variants", "eks", "network"],
    problems: placeProblems,
  }),
  whenValid({
    key: "eks",
    fact: "`cpu: amx` needs `architecture: x86_64`.",
    reads: ["target", "variants", "eks", "architecture"],
    problems: cpuProblems,
  }),
  whenValid({
    key: "eks",
    fact: "A public endpoint needs `endpointCidrs`, with public addresses only.",
    reads: ["target", "variants", "eks"],
    problems: endpointProblems,
  }),
  whenValid({
    key: "eks",
    fact: `A new cluster keeps ${serviceCidr} for services inside it. \`network.cidr\` must not overlap with it.`,
    reads: ["target", "variants", "eks", "network"],
    problems: rangeProblems,
  }),
  whenValid({
    key: "container",
    fact: `On EKS \`ephemeralStorageGiB\` is at most ${mostStorageGiB}: machines of Auto Mode have a disk of 80 GiB, which their pods share with images.`,
    reads: ["target", "variants", "eks", "container"],
    problems: storageProblems,
  }),
  whenValid({
    key: "eks",
    fact: "The jobs of a `schedule`, and the request scaler of `scaling.requestsPerMinutePerReplica`, run the container's own image with preset `ours` and without `imageCredentials`; otherwise they need `jobImage`.",
    reads: ["target", "variants", "eks", "schedule", "scaling", "container", "imageCredentials"],
    problems: jobProblems,
  }),
  whenValid({
    key: "eks",
    fact: "Without a NAT gateway (`network.nat: none`), `jobImage` is in ECR of the stack's region.",
    reads: ["target", "variants", "eks", "network"],
    problems: pullProblems,
  }),
  whenValid({
    key: "secrets",
    fact: "On EKS, `secrets` and `apiKeys` are in the stack's region.",
    reads: ["target", "variants", "secrets", "apiKeys"],
    problems: secretProblems,
  }),
];

type Written = Pick<Values, "target" | "variants" | "eks">;

const usesEks = (written: Pick<Values, "target" | "variants">) =>
  targetsInUse(written).some(({ capabilities }) => capabilities.cluster);

/** The load balancer reaches the pods of an existing cluster only from inside its VPC. */
function placeProblems({ network, ...written }: Written & Pick<Values, "network">): Problem[] {
  if (!usesEks(written) || !written.eks.cluster || "vpcId" in network) return [];
  return [
    { key: "network", value: network, expected: "the vpcId and the subnets of the cluster that eks.cluster names" },
  ];
}

function cpuProblems({ architecture, ...written }: Written & Pick<Values, "architecture">): Problem[] {
  if (!usesEks(written) || written.eks.cpu === "any" || architecture === "x86_64") return [];
  return [
    { key: "eks.cpu", value: written.eks.cpu, expected: "any with architecture arm64: only Intel's CPUs have AMX" },
  ];
}

/** Callers from the internet never come from these; EKS refuses them ("CIDR block can't include reserved addresses", its cluster-endpoint page). */
const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseCidr);

function endpointProblems(written: Written): Problem[] {
  const { cluster, endpoint, endpointCidrs } = written.eks;
  if (!usesEks(written) || cluster || endpoint === "private") return [];
  if (endpointCidrs.length === 0) {
    const expected = 'who may reach the public endpoint of the cluster: ["0.0.0.0/0"] for everyone, or your own blocks';
    return [{ key: "eks.endpointCidrs", value: endpointCidrs, expected }];
  }
  return endpointCidrs.flatMap((value, index) => {
    const block = parseCidr(value);
    const isPrivate = privateBlocks.some((own) => block && own && block.prefix >= own.prefix && overlap(block, own));
    const expected = "a block of public addresses: private ones reach the cluster through its private endpoint";
    return isPrivate ? [{ key: `eks.endpointCidrs[${index}]`, value, expected }] : [];
  });
}

function rangeProblems({ network, ...written }: Written & Pick<Values, "network">): Problem[] {
  if (!usesEks(written) || written.eks.cluster || "vpcId" in network) return [];
  const [block, services] = [parseCidr(network.cidr), parseCidr(serviceCidr)];
  if (!block || !services || !overlap(block, services)) return [];
  const expected = `a block that does not overlap with ${serviceCidr}, the addresses of services inside the cluster`;
  return [{ key: "network.cidr", value: network.cidr, expected }];
}

function storageProblems({ container, ...written }: Written & Pick<Values, "container">): Problem[] {
  const { ephemeralStorageGiB: value = 0 } = container;
  if (!usesEks(written) || written.eks.cluster || value <= mostStorageGiB) return [];
  const expected = `at most ${mostStorageGiB} on EKS, whose machines have a disk of 80 GiB; a task on ECS has up to 200`;
  return [{ key: "container.ephemeralStorageGiB", value, expected }];
}

/** The driver syncs the credentials of a registry only while a pod of the service runs, and a job must start when none does. */
function jobProblems({
  schedule,
  scaling,
  container: { preset },
  imageCredentials,
  ...written
}: Written & Pick<Values, "schedule" | "scaling" | "container" | "imageCredentials">): Problem[] {
  const needing = [
    ...(Object.keys(schedule).length > 0 ? ["schedule"] : []),
    ...(scaling.requestsPerMinutePerReplica === undefined ? [] : ["scaling.requestsPerMinutePerReplica"]),
  ];
  const hasOwn = preset === "ours" && imageCredentials === "none";
  if (!usesEks(written) || needing.length === 0 || hasOwn || written.eks.jobImage) return [];
  const reason = preset === "ours" ? "imageCredentials is set" : `container.preset is ${preset}`;
  const expected = `an image with Node by its digest, such as public.ecr.aws/docker/library/node@sha256:..., for ${needing.join(" and ")}, because ${reason}; \`docker buildx imagetools inspect public.ecr.aws/docker/library/node:24-bookworm-slim\` prints the digest`;
  return [{ key: "eks.jobImage", value: undefined, expected }];
}

function pullProblems({ network, ...written }: Written & Pick<Values, "network">, region: string): Problem[] {
  const { jobImage: value } = written.eks;
  if (!usesEks(written) || value === undefined || "vpcId" in network || network.nat !== "none") return [];
  if (parseImage(value).ecr?.region === region) return [];
  const expected = `an image in ECR of ${region}, or network.nat one or perZone: without a NAT gateway no other registry is reached`;
  return [{ key: "eks.jobImage", value, expected }];
}

/** The AWS provider of the Secrets Store driver reads one region; ECS reads any (secret_descriptor.go: "ARN region must match region"). */
function secretProblems(
  { secrets, apiKeys, ...written }: Pick<Values, "target" | "variants" | "secrets" | "apiKeys">,
  region: string,
): Problem[] {
  if (!usesEks(written) || region === "") return [];
  const named = Object.entries(secrets).map(([name, arn]) => [`secrets.${name}`, arn] as const);
  return [...named, ["apiKeys", apiKeys] as const]
    .filter(([, arn]) => arn !== "none" && arn.split(":")[3] !== region)
    .map(([key, arn]) => ({
      key,
      value: arnShown(arn),
      expected: `a secret in ${region}, because pods on EKS read no other region: copy it with \`aws secretsmanager replicate-secret-to-regions\``,
    }));
}
