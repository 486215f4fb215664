import { type AwsConnection, awsConnection } from "../../components/aws/connection";
import { rootName } from "../../components/core/short-name";
import type { MonthlyUsd } from "../../components/pricing/stack-cost";
import { UserError } from "../cli/user-error";
import { askPulumi } from "./pulumi-cli";

/** A deployed stack, from its state and its configuration. */
export interface DeployedStack {
  /** The name from --stack; undefined for the selected stack. */
  readonly name?: string;
  readonly resources: readonly StateResource[];
  readonly outputs: StackOutputs;
  /** Reaches AWS with the stack's `aws:` keys. */
  readonly connection: AwsConnection;
}

export interface StateResource {
  readonly type: string;
  readonly urn: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The outputs that tools read. A stack that was never deployed completely has none. */
export interface StackOutputs {
  readonly target?: string;
  readonly url?: string;
  readonly imageDigest?: string;
  readonly variants?: readonly DeployedVariant[];
  readonly ecsClusterName?: string;
  readonly ecsServiceNames?: Readonly<Record<string, string>>;
  readonly logGroupName?: string;
  readonly monthlyUsd?: MonthlyUsd;
}

export interface DeployedVariant {
  readonly name: string;
  readonly target: string;
  /** As the last complete update declared it, in percent. */
  readonly weight?: number;
  readonly header: string;
  readonly targetGroupArn?: string;
}

/** Where the variants of a stack run on ECS. */
export interface EcsServices {
  readonly cluster: string;
  /** Variant -> service. */
  readonly services: Readonly<Record<string, string>>;
  readonly logGroupName: string;
}

/** Without a name: the stack that the Pulumi CLI has selected. */
export async function deployedStack(name?: string): Promise<DeployedStack> {
  const named = name === undefined ? [] : ["--stack", name];
  const [state, config] = await Promise.all([
    askPulumi(["stack", "export", ...named]),
    // Secret keys are read as plain text and stay in this process.
    askPulumi(["config", "--json", "--show-secrets", ...named]),
  ]);
  return { name, ...fromState(state as State), connection: awsConnection(plainValues(config)) };
}

/** The stack as the subject of a message. */
export const titleOf = ({ name }: Pick<DeployedStack, "name">) =>
  name === undefined ? "The selected stack" : `Stack ${name}`;

interface State {
  readonly deployment?: { readonly resources?: readonly StateResource[] };
}

export function fromState({ deployment }: State): Pick<DeployedStack, "resources" | "outputs"> {
  const { resources = [] } = deployment ?? {};
  return { resources, outputs: outputsIn(resources, "pulumi:pulumi:Stack") ?? {} };
}

/** {"aws:region": {"value": "us-east-1"}} -> {"aws:region": "us-east-1"} */
export function plainValues(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, entry]) => [key, (entry as { value?: unknown }).value]));
}

/** The outputs of the first resource of a type. */
export const outputsIn = (resources: readonly StateResource[], type: string) =>
  resources.find((resource) => resource.type === type && resource.outputs)?.outputs;

/** From the outputs, or from the resources: a first deployment that failed has services and no outputs. */
export function ecsServices({
  outputs,
  resources,
}: Pick<DeployedStack, "outputs" | "resources">): EcsServices | undefined {
  const { ecsClusterName: cluster, ecsServiceNames: services = {}, logGroupName = "" } = outputs;
  if (cluster !== undefined) return { cluster, services, logGroupName };
  const created = resources.filter(({ type, outputs }) => type === "aws:ecs/service:Service" && outputs);
  const [first] = created;
  if (first === undefined) return undefined;
  // A cluster on EKS has log groups too.
  const logGroup = resources.find(
    ({ type, urn }) => type === "aws:cloudwatch/logGroup:LogGroup" && urn.endsWith("-ecs"),
  );
  return {
    cluster: lastPart(first.outputs?.cluster, "/"),
    services: Object.fromEntries(created.map(({ urn, outputs }) => [variantIn(urn), String(outputs?.name)])),
    logGroupName: String(logGroup?.outputs?.name ?? ""),
  };
}

/** Where a variant of a stack runs on EKS. */
interface EksDeployment {
  readonly variant: string;
  readonly namespace: string;
  readonly deployment: string;
}

/** From the resources: a first deployment that failed has pods and no outputs. */
export function eksDeployments({ resources }: Pick<DeployedStack, "resources">): readonly EksDeployment[] {
  return resources
    .filter(({ type }) => type === "kubernetes:apps/v1:Deployment")
    .flatMap(({ urn, outputs }) => {
      const { namespace, name } = Object(outputs?.metadata) as Readonly<Record<string, string | undefined>>;
      return namespace && name ? [{ variant: variantIn(urn), namespace, deployment: name }] : [];
    });
}

/** The Kubernetes secrets that the driver makes of those in AWS, by namespace. */
export function syncedSecrets({ resources }: Pick<DeployedStack, "resources">): readonly SyncedSecret[] {
  return resources
    .filter(({ type }) => type.endsWith(":SecretProviderClass"))
    .flatMap(({ outputs }) => {
      const { metadata, spec } = Object(outputs) as Partial<ProviderClass>;
      const namespace = metadata?.namespace ?? "";
      return (spec?.secretObjects ?? []).map(({ secretName }) => ({ namespace, name: secretName }));
    });
}

interface SyncedSecret {
  readonly namespace: string;
  readonly name: string;
}

interface ProviderClass {
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly secretObjects?: readonly { readonly secretName: string }[] };
}

/** urn:pulumi:dev::my-project::aws:ecs/service:Service::my-project-blue -> blue */
function variantIn(urn: string): string {
  const root = rootName(urn.split("::")[1] ?? "");
  return lastPart(urn, "::").slice(root.length + 1);
}

const lastPart = (text: unknown, separator: string) => String(text).split(separator).pop() ?? "";

/** Where the stack answers callers. */
export function urlOf(stack: Pick<DeployedStack, "name" | "outputs">): string {
  const { url } = stack.outputs;
  if (typeof url === "string") return url;
  throw new UserError(`${titleOf(stack)} has no output url. Deploy it: pulumi up`);
}
