import { parseArgs } from "node:util";
import { declaredTask } from "./ecs-runner";
import { deployedService } from "./stack";
import { tryOneTask } from "./trial";
import { TryError } from "./try-error";

const usage = `npm run try -- [--stack <name>] [--variant <name>]

Runs one task of the declared definition outside the service, waits until its health check passes, and stops it.
It gets no requests from the load balancer. Without --stack it is the selected one of pulumi.
--variant is needed when the stack runs several on ECS.`;

async function main(): Promise<boolean> {
  const options = readArguments(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return true;
  }
  const service = await deployedService(options.stack, options.variant);
  const { taskDefinitionArn, runner } = await declaredTask(service);
  const definition = taskDefinitionArn.split("/").pop();
  console.log(`Trying ${definition} beside ${service.serviceName}; Ctrl-C stops the task.`);
  const { works, why, taskArn } = await tryOneTask(runner, {
    tell: (text) => console.log(`  ${text}`),
    signal: untilInterrupted(),
  });
  console.log(`${definition} ${works ? "works" : "does not work"}: ${why}.`);
  if (works) return true;
  const stream = `inference/inference/${taskArn.split("/").pop()}`;
  console.log(`Its log: aws logs tail ${service.logGroupName} --log-stream-names ${stream}`);
  return false;
}

function readArguments(args: string[]): { stack?: string; variant?: string; help?: boolean } {
  try {
    const text = { type: "string" } as const;
    return parseArgs({ args, options: { stack: text, variant: text, help: { type: "boolean", short: "h" } } }).values;
  } catch (error) {
    throw new TryError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

/** A second signal is for those who cannot wait: the process ends, and the task goes on. */
function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupted.abort());
  return interrupted.signal;
}

main().then(
  (works) => {
    process.exitCode = works ? 0 : 1;
  },
  (error: unknown) => {
    const isForPeople = error instanceof TryError || !(error instanceof Error);
    console.error(isForPeople ? `${error}`.replace(/^Error: /, "") : `${error.name}: ${error.message}`);
    process.exitCode = 1;
  },
);
