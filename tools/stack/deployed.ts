import type { AwsConnection } from "../../components/aws/connection";
import { rootName } from "../../components/core/short-name";
import { stackConnection, stackOutputs, stackState } from "./pulumi";
import { UserError } from "../cli/user-error";

export interface DeployedService {
  readonly connection: AwsConnection;
  readonly clusterName: string;
  readonly serviceName: string;
  readonly logGroupName: string;
}

/** What the engine knows of a stack: where its service runs, and how to reach that account. */
export async function deployedService(stack?: string, variant?: string): Promise<DeployedService> {
  const outputs = await stackOutputs(stack);
  // A first deployment that failed has resources and no outputs yet: the very case that a trial is for.
  const places = "ecsClusterName" in outputs ? outputs : outputsOf(await stackState(stack));
  return { ...placeOf(places, variant), connection: await stackConnection(stack) };
}

interface State {
  readonly deployment?: {
    readonly resources?: readonly {
      readonly type: string;
      readonly urn: string;
      readonly outputs?: Record<string, unknown>;
    }[];
  };
}

/** What the program would have put out, from the resources that it did make. */
export function outputsOf({ deployment }: State): Record<string, unknown> {
  const { resources = [] } = deployment ?? {};
  const of = (type: string) => resources.filter((resource) => resource.type === type && resource.outputs);
  const lastPart = (text: unknown, separator: string) => String(text).split(separator).pop() ?? "";
  const services = of("aws:ecs/service:Service");
  // A cluster on EKS has log groups too.
  const logGroup = of("aws:cloudwatch/logGroup:LogGroup").find(({ urn }) => urn.endsWith("-ecs"));
  return {
    ecsClusterName: services[0] && lastPart(services[0].outputs?.cluster, "/"),
    ecsServiceNames: Object.fromEntries(
      services.map(({ urn, outputs }) => {
        const root = rootName(urn.split("::")[1] ?? "");
        return [lastPart(urn, "::").slice(root.length + 1), outputs?.name];
      }),
    ),
    logGroupName: logGroup?.outputs?.name,
  };
}

export function placeOf(outputs: Record<string, unknown>, variant?: string) {
  const { ecsClusterName, logGroupName } = outputs;
  const services = (outputs.ecsServiceNames ?? {}) as Record<string, string>;
  const names = Object.keys(services);
  if (typeof ecsClusterName !== "string" || names.length === 0) {
    throw new UserError(
      "The stack has no ECS service: it was never deployed, or its target is not ecs. Run pulumi up.",
    );
  }
  const chosen = variant ?? (names.length === 1 ? names[0] : undefined);
  const serviceName = chosen === undefined ? undefined : services[chosen];
  if (serviceName === undefined) {
    throw new UserError(`--variant is ${variant ?? "missing"}; expected one of ${names.join(", ")}`);
  }
  return { clusterName: ecsClusterName, serviceName, logGroupName: String(logGroupName) };
}
