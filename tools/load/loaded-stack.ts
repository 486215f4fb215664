import type { AwsConnection } from "../../components/aws/connection";
import { stackConnection, stackOutputs } from "../stack/pulumi";
import { UserError } from "../cli/user-error";
import type { Lane } from "./lanes";
import type { EcsPlace } from "./replica-reader";

export interface LoadedStack {
  readonly url: string;
  readonly lanes: readonly Lane[];
  readonly ecs?: EcsPlace;
  readonly connection: AwsConnection;
}

/** A deployed stack, from its outputs and its configuration. */
export async function loadedStack(stack: string): Promise<LoadedStack> {
  const outputs = await stackOutputs(stack);
  return { ...runningIn(outputs, stack), connection: await stackConnection(stack) };
}

interface Outputs {
  readonly url?: string;
  readonly variants?: readonly { name: string; target: string; header: string; targetGroupArn?: string }[];
  readonly ecsClusterName?: string;
  readonly ecsServiceNames?: Readonly<Record<string, string>>;
}

export function runningIn(outputs: Outputs, stack: string): Omit<LoadedStack, "connection"> {
  const { url, variants = [], ecsClusterName: cluster, ecsServiceNames: services = {} } = outputs;
  if (typeof url !== "string") throw new UserError(`The stack ${stack} has no url: run pulumi up.`);
  const lanes = variants.map(({ name, target, header, targetGroupArn }) => {
    const [key = "", value = ""] = header.split(": ");
    return { name, target, targetGroupArn, headers: { [key]: value } };
  });
  return { url, lanes, ...(cluster !== undefined && { ecs: { cluster, services } }) };
}
