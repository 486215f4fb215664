import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { deployedStack } from "../stack/deployed";
import { declaredTask } from "./ecs-runner";
import { deployedService } from "./service";
import { tryOneTask } from "./trial";

const usage = `npm run try -- [--stack <name>] [--variant <name>]

Runs one task of the declared definition outside the service, waits until its
health check passes, and stops it. The load balancer sends it no requests.
Without --stack, the stack that Pulumi has selected. --variant is needed when
the stack runs several variants on ECS.`;

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2), { stack: text, variant: text, help }, usage);
  if (options.help) return console.log(usage);
  const service = deployedService(await deployedStack(options.stack), options.variant);
  const { taskDefinitionArn, runner } = await declaredTask(service);
  const definition = taskDefinitionArn.split("/").pop();
  console.log(`Trying ${definition} beside ${service.service}; Ctrl-C stops the task.`);
  const { works, why, taskArn } = await tryOneTask(runner, {
    tell: (text) => console.log(`  ${text}`),
    signal: untilInterrupted(),
  });
  console.log(`${definition} ${works ? "works" : "does not work"}: ${why}.`);
  if (works) return;
  process.exitCode = 1;
  const stream = `inference/inference/${taskArn.split("/").pop()}`;
  console.log(`Its log: aws logs tail ${service.logGroupName} --log-stream-names ${stream}`);
}

/** A second signal ends the process at once and leaves the task running. */
function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupted.abort());
  return interrupted.signal;
}

run(main);
