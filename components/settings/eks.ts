import { cidr, list, object, oneOf, optional, record, redacted, text, type ValueOf } from "./schema";

const principal = text("the arn of an IAM role or user", (value) =>
  /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/\S+$/.test(value),
);

const addonName = {
  fits: /^(amazon-cloudwatch-observability|aws-secrets-store-csi-driver-provider|metrics-server)$/,
  expected: "one of amazon-cloudwatch-observability, aws-secrets-store-csi-driver-provider, metrics-server",
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

/** A cluster of ours: all but `cluster`, which is one that somebody else made. */
export const autoMode = {
  version: "1.35",
  support: "STANDARD",
  endpoint: "public",
  endpointCidrs: [],
  deployerArns: [],
  addonVersions: {},
} as const;

export const eks = object(
  {
    version: text("a Kubernetes version such as 1.35", (value) => /^1\.\d{2}$/.test(value)),
    support: oneOf(["STANDARD", "EXTENDED"]),
    endpoint: oneOf(["public", "private"]),
    endpointCidrs: list(cidr),
    deployerArns: list(principal),
    addonVersions: record(addonName, addonVersion),
    cluster: optional(existingCluster),
  },
  autoMode,
);
