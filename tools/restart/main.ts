import { reasonOf } from "../../components/core/reason";
import { kubeApi } from "../../components/eks-service/kube-api";
import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { type DeployedStack, deployedStack, titleOf } from "../stack/deployed";
import { kubeconfigOf } from "../stack/kubeconfig";
import { restartOnEcs } from "./ecs";
import { restartOnEks } from "./eks";
import { type Restart, restartsOf } from "./restarts";

const usage = `npm run restart -- [--stack <name>] [--variant <name>]

Replaces all replicas by new ones of the same version, without an update. They
read secrets, API keys and a model in S3 again. The old replicas serve until
the new ones are healthy. Waits for the end, at most 20 minutes.

Without --stack, the stack that Pulumi has selected. Without --variant, all
variants. If the new replicas do not become healthy, the old ones stay, and it
prints the reason. Exit codes: 0 all replicas are new, 1 they are not.`;

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2), { stack: text, variant: text, help }, usage);
  if (options.help) return console.log(usage);
  const stack = await deployedStack(options.stack);
  const restarts = restartsOf(stack, options.variant);
  console.log(`${titleOf(stack)}: replacing the replicas of ${restarts.map(({ variant }) => variant).join(", ")}`);
  const ends = await Promise.allSettled(restarts.map((restart) => restarted(restart, stack)));
  const failures = ends.flatMap((end) => (end.status === "rejected" ? [reasonOf(end.reason)] : []));
  if (failures.length > 0) throw new UserError(failures.join("\n"));
}

async function restarted(restart: Restart, stack: DeployedStack): Promise<void> {
  const { variant } = restart;
  const polling = { report: (progress: string) => console.log(`  ${variant}: ${progress}`), limitSeconds };
  if ("service" in restart) await restartOnEcs(restart, stack.connection, polling);
  else await restartOnEks(restart, kubeApi(await kubeconfigOf(stack)), polling);
  console.log(`${variant}: all replicas are new`);
}

/** As long as an update waits. */
const limitSeconds = 1200;

run(main);
