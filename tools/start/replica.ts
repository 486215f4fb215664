import type { ServiceSpec } from "../../components/core/service-spec";

/** A command that runs one replica in the foreground, with everything it is told. */
export interface ReplicaCommand {
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** What has to be run besides killing the command, because the replica is not its child. */
  removal?: { program: string; args: string[] };
}

/** What a process needs from this machine to run at all, and to fetch a model from S3; the rest of the shell stays out. */
const fromTheShell = /^(PATH|HOME|TMPDIR|NODE_EXTRA_CA_CERTS|AWS_\w+)$/;

/** The code of app/ on this Node, told what a replica is told. */
export function processReplica(spec: ServiceSpec, appFolder: string, port: number): ReplicaCommand {
  return {
    program: process.execPath,
    args: [`--max-old-space-size=${heapMiB(spec.memoryMiB)}`, "dist/main.js"],
    // Loopback, where a replica listens on every address: a laptop's neighbours have no business here.
    env: { ...shellVariables(), ...spec.environment, PORT: String(port), HOST: "127.0.0.1" },
    cwd: appFolder,
  };
}

/** The heap that Node gives itself inside a container of that much memory; outside it would size by the whole machine. */
export function heapMiB(memoryMiB: number): number {
  const most = memoryMiB >= 16384 ? 4096 : 2048;
  return Math.min(Math.floor(memoryMiB / 2), most);
}

/** The image under the limits of a task; `name` is how the container can be found and ended. */
export function containerReplica(spec: ServiceSpec, image: string, name: string, port: number): ReplicaCommand {
  const passedOn = Object.keys(shellVariables()).filter((variable) => variable.startsWith("AWS_"));
  return {
    program: "docker",
    args: [
      "run",
      "--rm",
      `--name=${name}`,
      `--publish=127.0.0.1:${port}:${spec.port}`,
      ...passedOn.map((variable) => `--env=${variable}`),
      ...taskArguments(spec),
      image,
    ],
    env: process.env,
    cwd: process.cwd(),
    removal: { program: "docker", args: ["rm", "--force", name] },
  };
}

/** What the task definition and the pod's security context say of the container, in docker's words. */
export function taskArguments(spec: ServiceSpec): string[] {
  return [
    `--cpus=${spec.cpuUnits / 1024}`,
    `--memory=${spec.memoryMiB}m`,
    `--memory-swap=${spec.memoryMiB}m`,
    `--user=${spec.user.uid}:${spec.user.gid}`,
    ...(spec.exec ? [] : ["--read-only"]),
    `--volume=${spec.writablePath}`,
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    `--stop-timeout=${spec.drain.stopSeconds}`,
    ...Object.entries(spec.environment).map(([variable, value]) => `--env=${variable}=${value}`),
  ];
}

function shellVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([variable]) => fromTheShell.test(variable)));
}
