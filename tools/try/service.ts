import type { AwsConnection } from "../../components/aws/connection";
import { UserError } from "../cli/user-error";
import { type DeployedStack, ecsServices, titleOf } from "../stack/deployed";

/** The service whose task definition is tried. */
export interface DeployedService {
  readonly connection: AwsConnection;
  readonly cluster: string;
  readonly service: string;
  readonly logGroupName: string;
}

/** The variant may be omitted when it is the only one on ECS. */
export function deployedService(stack: DeployedStack, variant?: string): DeployedService {
  const { cluster = "", services = {}, logGroupName = "" } = ecsServices(stack) ?? {};
  const names = Object.keys(services);
  if (names.length === 0) {
    const causes = "it was never deployed, or its target is not ecs";
    throw new UserError(`${titleOf(stack)} has no ECS service: ${causes}. Deploy it: pulumi up`);
  }
  const chosen = variant ?? (names.length === 1 ? names[0] : undefined);
  const service = chosen === undefined ? undefined : services[chosen];
  if (service === undefined) {
    throw new UserError(`--variant is ${variant ?? "missing"}; expected one of ${names.join(", ")}`);
  }
  return { connection: stack.connection, cluster, service, logGroupName };
}
