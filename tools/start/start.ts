import { join, relative } from "node:path";
import { type ServiceSpec, serviceSpec } from "../../components/core/service-spec";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { projectFolder as root } from "../stack/file";
import { stackSettings } from "../stack/settings";
import { readArguments, usage } from "./arguments";
import { buildAppIfStale } from "./build-app";
import { classify } from "./classify";
import { CommandError } from "./command";
import { Docker } from "./docker";
import { assertFree } from "./port";
import { containerReplica, processReplica, type ReplicaCommand } from "./replica";
import { serve } from "./serve";
import { lastLogLine } from "./service";

const appFolder = join(root, "app");
const photo = join(appFolder, "photos/chelsea.png");
const imageTag = "inference:local";

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), process.env);
  if (options.help) return console.log(usage);
  if (options.own) return (await import("./own-container")).runOwnContainer(options.own, options.port);
  const spec = serviceSpec(stackSettings("local"));
  const port = options.port ?? spec.port;
  await assertFree(port);
  const replica = options.docker ? await container(spec, port) : await compiled(spec, port);
  console.log(`Starting a replica of ${spec.cpuUnits / 1024} vCPU and ${spec.memoryMiB} MiB on port ${port} ...`);
  const url = `http://127.0.0.1:${port}`;
  const startedMs = performance.now();
  await serve({ spec, url, replica, introduce: () => introduce(url, startedMs) });
}

async function compiled(spec: ServiceSpec, port: number): Promise<ReplicaCommand> {
  await buildAppIfStale(appFolder);
  return processReplica(spec, appFolder, port);
}

async function container(spec: ServiceSpec, port: number): Promise<ReplicaCommand> {
  const docker = new Docker();
  const silence = await docker.silence();
  if (silence !== undefined && /permission denied/i.test(silence)) {
    throw new UserError(`Docker cannot be used: ${silence}. Join the group docker, or leave --docker out.`);
  }
  if (silence !== undefined) {
    throw new UserError(
      `Docker cannot be used: ${silence}. Start Docker, or leave --docker out: Node alone is enough.`,
    );
  }
  console.log("Building the image ...");
  try {
    await docker.build(appFolder, imageTag, (text) => process.stdout.write(text));
  } catch (error) {
    if (error instanceof CommandError) throw new UserError(`The image was not built: ${lastLogLine(error.stderr)}`);
    throw error;
  }
  return containerReplica(spec, imageTag, `inference-${process.pid}`, port);
}

/** Prints the classes of a photo and the next steps. */
async function introduce(url: string, startedMs: number): Promise<void> {
  const answer = await classify(url, photo);
  const [best, ...rest] = answer.predictions.map(
    (one) => `${one.class.split(",")[0]} ${Math.round(one.confidence * 100)} %`,
  );
  const seconds = (performance.now() - startedMs) / 1000;
  // npm sets INIT_CWD to the folder of the shell.
  const photoPath = relative(process.env.INIT_CWD ?? process.cwd(), photo);
  console.log(`
${photoPath}: ${best} (then ${rest.join(", ")})
Answered by ${answer.model} ${answer.model_version}, ${seconds.toFixed(1)} s after the start.

  Page  ${url}/
  Try   curl -F ${quoted(`file=@${photoPath}`)} ${url}/predict
  Next  pulumi login --local && pulumi stack init local && pulumi up
        runs the same in Docker; README.md shows how to deploy it to AWS

Ctrl-C stops it, after the requests in progress. Its log follows.`);
}

const quoted = (word: string) => (/^[\w@=+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

run(main);
