import assert from "node:assert/strict";
import type { Statement } from "../../unit/support/plan-under-test";

export interface Named {
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The only resource of a type, as declared by the program, recorded by an account or read back from a platform. */
export interface Find {
  (type: string, name?: string): Named["inputs"];
  all(type: string): readonly Named[];
}

export function finder(all: Find["all"]): Find {
  const one = (type: string, name?: string) => {
    const [only, ...others] = all(type).filter((resource) => name === undefined || resource.name === name);
    assert.ok(only && others.length === 0, `${type} ${name ?? ""}`);
    return only.inputs;
  };
  return Object.assign(one, { all });
}

/** Everything that a container receives, in platform-neutral fields. */
export type Received = Readonly<Record<string, unknown>>;

/** Fields that may differ, each with the reason. */
export const mayDiffer: Readonly<Record<string, string>> = {
  livenessAsks:
    "Fargate runs a command inside, so only where the image is known to hold what it needs; the kubelet asks over HTTP",
  healthCommand: "ECS runs it in the container; the kubelet asks over HTTP itself",
  permissions: "ECS reads secrets with the execution role before a task starts; a pod's driver reads them as the pod",
  initProcess:
    "Fargate puts one first for the shells of ECS Exec; a pod has none, so the server is process 1 (examples/README.md)",
  escalation: "Fargate has no word for it and starts nothing that could escalate; Pod Security asks for it in words",
  platformEgress:
    "DNS and credentials of a task are outside of its security group; for a pod the network policy has to let them out",
  systemCalls: "Fargate filters them for every task; Pod Security asks for the filter in words",
};

/** Asserts that both are equal, except for the listed fields. */
export function assertParity(ecs: Received, eks: Received): void {
  const common = (received: Received) =>
    Object.fromEntries(Object.entries(received).filter(([field]) => !(field in mayDiffer)));
  assert.deepEqual(common(eks), common(ecs));
  assert.deepEqual(Object.keys(eks), Object.keys(ecs));
}

export const architectures: Record<string, string> = {
  ARM64: "arm64",
  arm64: "arm64",
  X86_64: "x86_64",
  amd64: "x86_64",
};

export const theImagesOwn = "the image's own";

export const onDisk = "disk, gone with the replica";

/** A volume of a task or pod without its name. */
export type Volume = Readonly<Record<string, unknown>>;

export const statementsOf = (find: Find, role: string): readonly Statement[] =>
  (JSON.parse(String(find("aws:iam/rolePolicy:RolePolicy", role).policy)) as { Statement: Statement[] }).Statement;

/** What limits a role, and what it may do besides its own statements. */
export const roleNamed = (find: Find, role: string) => ({
  managedPolicies: find
    .all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .filter(({ name }) => name.startsWith(`${role}-`))
    .map(({ inputs }) => String(inputs.policyArn))
    .sort(),
  boundary: find("aws:iam/role:Role", role).permissionsBoundary,
});

export const isFileSystem = (volume: string) => volume.startsWith("efs-");

/** For how long a target group keeps a caller on one replica. */
export function stickyOf(group: Readonly<Record<string, unknown>>): unknown {
  const { enabled = false, cookieDuration } = (group.stickiness ?? {}) as {
    enabled?: boolean;
    cookieDuration?: number;
  };
  return enabled ? cookieDuration : 0;
}

/** The paths that the listener answers with 404. */
export const hiddenPaths = (find: Find): unknown =>
  find
    .all("aws:lb/listenerRule:ListenerRule")
    .filter(({ name }) => name.endsWith("-hidden"))
    .map(({ inputs }) => inputs.conditions);
