import { signedInAs } from "../../components/aws/cluster-sign-in";
import type { DeployedStack } from "./deployed";
import { askPulumi } from "./pulumi-cli";

/** Access to the stack's cluster as the program has it. It is a secret: it stays in this process. */
export async function kubeconfigOf({ name, resources, connection }: DeployedStack): Promise<string> {
  const named = name === undefined ? [] : ["--stack", name];
  const kubeconfig = await askPulumi<string>(["stack", "output", "kubeconfig", "--json", "--show-secrets", ...named]);
  // The kubeconfig of an existing cluster has its own sign-in.
  const isOwn = resources.some(({ type }) => type === "eks:index:Cluster");
  return isOwn ? signedInAs(connection, kubeconfig) : kubeconfig;
}
