import { capabilitiesOf } from "../../components/core/container";
import type { ServiceSpec } from "../../components/core/service-spec";

/** A command that runs one replica in the foreground, with its arguments and environment. */
export interface ReplicaCommand {
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Removes the container, which is not a child of the command and stays after its end, for its state. */
  removal?: { program: string; args: string[] };
}

/** The variables that Node needs on this machine, and those that fetch a model from S3. A replica gets no others from the shell. */
const fromTheShell = /^(PATH|HOME|TMPDIR|NODE_EXTRA_CA_CERTS|AWS_\w+)$/;

/** Runs app/ on this Node with the environment of a replica. */
export function processReplica(spec: ServiceSpec, appFolder: string, port: number): ReplicaCommand {
  return {
    program: process.execPath,
    args: [`--max-old-space-size=${heapMiB(spec.memoryMiB)}`, "dist/main.js"],
    // A replica listens on every address; here only loopback, so that other machines cannot reach it.
    env: { ...shellVariables(), ...spec.environment, PORT: String(port), HOST: "127.0.0.1" },
    cwd: appFolder,
  };
}

/** The heap limit of Node in a container with this memory. Outside a container Node sizes the heap by the whole machine. */
export function heapMiB(memoryMiB: number): number {
  const most = memoryMiB >= 16384 ? 4096 : 2048;
  return Math.min(Math.floor(memoryMiB / 2), most);
}

/** Runs the image under the limits of a task. */
export function containerReplica(spec: ServiceSpec, image: string, name: string, port: number): ReplicaCommand {
  return {
    program: "docker",
    args: [
      "run",
      // As on ECS: many servers ignore SIGTERM as the first process of a container.
      "--init",
      `--name=${name}`,
      `--publish=127.0.0.1:${port}:${spec.port}`,
      ...credentialArguments(),
      ...secretArguments(spec),
      ...taskArguments(spec),
      image,
      ...processArguments(spec),
    ],
    env: process.env,
    cwd: process.cwd(),
    removal: { program: "docker", args: ["rm", "--force", "--volumes", name] },
  };
}

/** Passes the shell's sign-in to AWS on: a model in S3 needs it. */
export const credentialArguments = () =>
  Object.keys(shellVariables())
    .filter((variable) => variable.startsWith("AWS_"))
    .map((variable) => `--env=${variable}`);

/** Secrets that this shell has under their names. docker takes the values from it, so that none is printed. */
const secretArguments = ({ secrets }: Pick<ServiceSpec, "secrets">) =>
  Object.keys(secrets)
    .filter((variable) => process.env[variable] !== undefined)
    .map((variable) => `--env=${variable}`);

/** The settings of the task definition and of the pod's security context as docker arguments. */
export function taskArguments(spec: ServiceSpec): string[] {
  const { user, command: [program] = [] } = spec;
  const { add } = capabilitiesOf(spec);
  return [
    `--cpus=${spec.cpuUnits / 1024}`,
    `--memory=${spec.memoryMiB}m`,
    `--memory-swap=${spec.memoryMiB}m`,
    ...(user ? [`--user=${user.uid}:${user.gid}`] : []),
    ...(spec.readOnly && !spec.exec ? ["--read-only"] : []),
    ...spec.writablePaths.map((path) => (spec.declaresVolumes ? `--volume=${path}` : `--tmpfs=${path}:exec,mode=1777`)),
    "--cap-drop=ALL",
    ...add.map((capability) => `--cap-add=${capability}`),
    ...(program === undefined ? [] : [`--entrypoint=${program}`]),
    "--security-opt=no-new-privileges",
    `--stop-timeout=${spec.drain.stopSeconds}`,
    ...Object.entries(spec.environment).map(([variable, value]) => `--env=${variable}=${value}`),
  ];
}

/** What follows the image: docker takes one word as the entry point. */
export const processArguments = ({ command = [], args = [] }: ServiceSpec): string[] => [...command.slice(1), ...args];

function shellVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([variable]) => fromTheShell.test(variable)));
}
