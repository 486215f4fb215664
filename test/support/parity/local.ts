import type { Find, Received } from "./received";
import { theImagesOwn } from "./received";

interface DockerContainer {
  readonly ports: readonly { readonly internal: number }[];
  readonly envs: readonly string[];
  readonly cpus: string;
  readonly memory: number;
  readonly entrypoints?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly readOnly: boolean;
  readonly volumes?: readonly { readonly containerPath: string }[];
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly capabilities: { readonly drops: readonly string[]; readonly adds?: readonly string[] };
  readonly init: boolean;
  readonly stopTimeout: number;
  readonly healthcheck?: { readonly tests: readonly string[] };
}

/** Variables for what only AWS has: a load balancer, and CloudWatch that reads the log. */
const onAwsOnly = ["EMF", "IDLE_SECONDS", "LINGER_SECONDS"];

/** What a container in Docker receives, in the fields of a task that Docker has too. */
export function receivedLocally(find: Find): Received {
  const container = find("docker:index/container:Container") as unknown as DockerContainer;
  const { adds = [] } = container.capabilities;
  const pairs = container.envs.map((text) => {
    const [name = "", ...value] = text.split("=");
    return [name, value.join("=")] as const;
  });
  return {
    command: container.entrypoints ?? theImagesOwn,
    args: container.command ?? theImagesOwn,
    environment: Object.fromEntries(pairs),
    ports: container.ports.map(({ internal }) => internal),
    vcpu: Number(container.cpus),
    memoryMiB: container.memory,
    user: container.user ?? theImagesOwn,
    readOnlyRoot: container.readOnly,
    writable: [
      ...(container.volumes ?? []).map(({ containerPath }) => containerPath),
      ...Object.keys(container.tmpfs ?? {}),
    ],
    healthCommand: container.healthcheck?.tests,
    listensOnLowPorts: adds.includes("NET_BIND_SERVICE"),
    initProcess: container.init,
    secondsFromSigtermToKill: container.stopTimeout,
  };
}

/** The same fields of what a task receives. */
export function asLocally(ecs: Received): Received {
  const { environment, writable } = ecs as {
    readonly environment: Readonly<Record<string, string>>;
    readonly writable: readonly { readonly path: string }[];
  };
  const fields = ["command", "args", "ports", "vcpu", "memoryMiB", "user", "readOnlyRoot", "healthCommand"];
  const more = ["listensOnLowPorts", "initProcess", "secondsFromSigtermToKill"];
  return {
    ...Object.fromEntries([...fields, ...more].map((field) => [field, ecs[field]])),
    environment: Object.fromEntries(Object.entries(environment).filter(([name]) => !onAwsOnly.includes(name))),
    writable: writable.map(({ path }) => path),
  };
}
