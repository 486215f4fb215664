import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { deployedStack } from "../stack/deployed";
import { containerName, declaredTask } from "./ecs-runner";
import { deployedService } from "./service";
import { type Outcome, tryOneTask } from "./trial";

const usage = `npm run try -- [--stack <name>] [--variant <name>]

Runs one task of the declared definition outside the service, waits until its
health check passes, and stops it. The load balancer sends it no requests.
Without --stack, the stack that Pulumi has selected. --variant is needed when
the stack runs several variants on ECS.

The health check is container.healthCommand. A task without one is stopped
after 30 s. Exit codes: 0 it works, 1 it does not work, 2 it was not checked.`;

const exitCodes: Readonly<Record<Outcome, number>> = { works: 0, "does not work": 1, "runs, not checked": 2 };

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2), { stack: text, variant: text, help }, usage);
  if (options.help) return console.log(usage);
  const service = deployedService(await deployedStack(options.stack), options.variant);
  const { taskDefinitionArn, runner } = await declaredTask(service);
  const definition = taskDefinitionArn.split("/").pop();
  console.log(`Trying ${definition} beside ${service.service}; Ctrl-C stops the task.`);
  const { outcome, why, taskArn } = await tryOneTask(runner, {
    tell: (text) => console.log(`  ${text}`),
    signal: untilInterrupted(),
  });
  console.log(`${definition} ${outcome}: ${why}.`);
  process.exitCode = exitCodes[outcome];
  if (outcome === "works") return;
  const stream = `inference/${containerName}/${taskArn.split("/").pop()}`;
  console.log(`Its log: aws logs tail ${service.logGroupName} --log-stream-names ${stream}`);
}

/** A second signal ends the process at once and leaves the task running. */
function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupted.abort());
  return interrupted.signal;
}

run(main);
