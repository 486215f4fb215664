import { UserError } from "../cli/user-error";
import { type DeployedStack, ecsServices, eksDeployments, syncedSecrets, titleOf } from "../stack/deployed";

/** A variant whose replicas can be replaced by new ones of the same version: a service, or a Deployment of Kubernetes. */
export type Restart = { readonly variant: string } & (
  | { readonly cluster: string; readonly service: string }
  | { readonly namespace: string; readonly deployment: string; readonly secrets: readonly string[] }
);

/** All variants of the stack, or the one of this name. */
export function restartsOf(stack: DeployedStack, variant?: string): readonly Restart[] {
  const { cluster = "", services = {} } = ecsServices(stack) ?? {};
  const secretsIn = (namespace: string) =>
    syncedSecrets(stack).flatMap((secret) => (secret.namespace === namespace ? [secret.name] : []));
  const all: Restart[] = [
    ...Object.entries(services).map(([name, service]) => ({
      variant: name,
      cluster,
      service,
    })),
    ...eksDeployments(stack).map((found) => ({
      ...found,
      secrets: secretsIn(found.namespace),
    })),
  ];
  if (all.length === 0)
    throw new UserError(`${titleOf(stack)} runs nothing on AWS that could be restarted. Deploy it: pulumi up`);
  if (variant === undefined) return all;
  const chosen = all.filter((one) => one.variant === variant);
  if (chosen.length > 0) return chosen;
  throw new UserError(`--variant is ${variant}; expected one of ${all.map((one) => one.variant).join(", ")}`);
}
