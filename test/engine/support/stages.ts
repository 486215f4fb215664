import { declaredProperties } from "../../fakes/sdk";
import type { Sandbox } from "./sandbox";

/** What happens to a stack. Without keys it is destroyed. */
export interface Stage {
  readonly title: string;
  /** Changes of the stack file. */
  readonly keys?: Readonly<Record<string, unknown>>;
  /** A change of the program. */
  readonly edit?: (sandbox: Sandbox) => void;
}

/** Fewer resources wait for one another than in a VPC of the stack's own. */
export const existingVpc = {
  "inference:network": {
    vpcId: "vpc-0123abcd",
    publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
    privateSubnetIds: ["subnet-1111111c", "subnet-1111111d"],
  },
};

export const create: Stage = { title: "create", keys: {} };

/** The keys that change the most resources in place, and a tag on all that have tags. */
export const update: Stage = {
  title: "update",
  keys: {
    "inference:alarms": { p99Seconds: 2, errorPercent: 3, loadBalancerErrors: 20 },
    // A protected stack cannot be destroyed.
    "inference:allowHttp": true,
    "inference:protect": false,
    "inference:container": { stopSeconds: 60 },
    "inference:cpu": 2048,
    "inference:memory": 4096,
    "inference:environment": { LEVEL: "debug" },
    "inference:ingressCidrs": ["203.0.113.0/24"],
    "inference:logRetentionDays": 14,
    "inference:permissionsBoundary": "arn:aws:iam::123456789012:policy/boundary",
    "inference:replicas": { min: 2, max: 6 },
    "inference:scaling": { cpuPercent: 50 },
  },
  edit: tagEverything,
};

const moved = {
  "inference:internal": true,
  "inference:spot": { onDemandBase: 2, onDemandWeight: 0, spotWeight: 1 },
};

/** Replaces the load balancer and all that depends on it, and adds a zone. */
export const move: Stage = { title: "replace", keys: { ...moved, "inference:network": { zones: 4 } } };

/** EKS moves no cluster to other zones, and the program refuses it. */
export const moveInZones: Stage = { title: move.title, keys: moved };

export const flip: Stage = { title: "flip", keys: { "inference:target": "eks" } };

export const destroy: Stage = { title: "destroy" };

/** As a change of `aws:defaultTags` does, of which the fake provider knows nothing. */
function tagEverything(sandbox: Sandbox): void {
  const types = [...new Set(sandbox.account.held().map(({ type }) => type))].filter((type) => type.startsWith("aws:"));
  const tagged = types.filter((type) => declaredProperties(type).inputs.includes("tags"));
  sandbox.edit(
    "index.ts",
    "const settings = loadSettings();",
    `const settings = loadSettings();
pulumi.runtime.registerResourceTransform(({ type, props, opts }) => {
  if (!${JSON.stringify(tagged)}.includes(type)) return undefined;
  return { props: { ...props, tags: pulumi.output(props.tags).apply((own) => ({ ...own, owner: "shop" })) }, opts };
});`,
  );
}
