import { type AwsConnection, awsConnection } from "../../components/aws/connection";
import { askPulumi, valuesOf } from "../cli/pulumi";
import { UserError } from "../cli/user-error";
import type { Lane } from "./lanes";
import type { EcsPlace } from "./replica-reader";

export interface LoadedStack {
  readonly url: string;
  readonly lanes: readonly Lane[];
  readonly ecs?: EcsPlace;
  readonly connection: AwsConnection;
}

/** What the engine knows of a stack that runs. */
export async function loadedStack(stack: string): Promise<LoadedStack> {
  const outputs = await askPulumi(["stack", "output", "--json", "--stack", stack]);
  // Secret keys are needed in plain text; they stay in this process.
  const config = await askPulumi(["config", "--json", "--show-secrets", "--stack", stack]);
  return { ...runningIn(outputs, stack), connection: awsConnection(valuesOf(config)) };
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
