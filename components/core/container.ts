import { type Preset, type PresetName, presets } from "./presets";

/** Whose lines the log holds: the alarms and queries on the log of our own server need its lines. */
export type LogFormat = "ours" | "json" | "text";

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** What an image needs and offers, resolved: the same for a task, for a pod and in Docker on this machine. */
export interface Container {
  readonly port: number;
  /** Readiness decides which replicas get traffic, liveness which are replaced. Without liveness nothing but its end replaces one. */
  readonly paths: { readonly readiness: string; readonly liveness?: string };
  /** Where it answers with Prometheus metrics. */
  readonly metricsPath?: string;
  /** Callers get 404 there. */
  readonly platformPaths: readonly string[];
  /** In place of the image's entry point. */
  readonly command?: readonly string[];
  /** In place of the image's arguments. */
  readonly args?: readonly string[];
  /** From the start of the process to the first answer of the readiness path. */
  readonly startSeconds: number;
  /** Absent: the image's own, which may be root. */
  readonly user?: User;
  /** Whether the root file system is read-only. */
  readonly readOnly: boolean;
  /** Each is a volume that is deleted with the replica. */
  readonly writablePaths: readonly string[];
  /** Whether the image itself declares its writable paths as volumes that its user can write. */
  readonly declaresVolumes: boolean;
  readonly ephemeralStorageGiB?: number;
  /** How long the load balancer keeps a connection without data, and waits for the first byte of an answer. */
  readonly idleSeconds: number;
  /** For how long a caller's requests go to the same replica; 0 does not bind them. */
  readonly stickySeconds: number;
  /** Run inside the container, for a platform that cannot ask over HTTP. */
  readonly healthCommand?: readonly string[];
  readonly logFormat: LogFormat;
  /** Variables that the contract implies; those that the user sets win. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The key `container` as it is written. */
export interface ContainerSettings {
  readonly preset: PresetName;
  readonly port?: number;
  readonly readinessPath?: string;
  readonly livenessPath?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly startSeconds?: number;
  readonly stopSeconds: number;
  readonly user?: string;
  readonly readOnly?: boolean;
  readonly writablePaths?: readonly string[];
  readonly ephemeralStorageGiB?: number;
  readonly idleSeconds: number;
  readonly stickySeconds: number;
  readonly healthCommand?: readonly string[];
  readonly platformPaths?: readonly string[];
  readonly metricsPath?: string;
  readonly logFormat?: LogFormat;
}

/** The load balancer's own default. */
export const usualIdleSeconds = 60;

/** As a path in the settings: none. */
export const none = "none";

const ownUser = { uid: 10001, gid: 10001 };
/** app/Dockerfile declares it as a volume. */
const ownVolumes = ["/tmp"];

export function containerOf(written: ContainerSettings): Container {
  const isOurs = written.preset === "ours";
  const preset: Preset = presets[written.preset];
  const port = written.port ?? preset.port;
  const liveness = pathOf(written.livenessPath ?? preset.livenessPath);
  const user = written.user === undefined ? (isOurs ? ownUser : undefined) : userOf(written.user);
  const readOnly = written.readOnly ?? isOurs;
  const writablePaths = written.writablePaths ?? (readOnly ? ownVolumes : []);
  const { command, args = preset.args, ephemeralStorageGiB, idleSeconds, stickySeconds } = written;
  const healthCommand = written.healthCommand ?? (liveness && asksItself(written.preset, port, liveness));
  const metricsPath = pathOf(written.metricsPath ?? preset.metricsPath ?? none);
  return {
    port,
    paths: { readiness: written.readinessPath ?? preset.readinessPath, ...(liveness && { liveness }) },
    ...(metricsPath && { metricsPath }),
    platformPaths: written.platformPaths ?? preset.platformPaths,
    ...(command && { command }),
    ...(args && { args }),
    startSeconds: written.startSeconds ?? preset.startSeconds,
    ...(user && { user }),
    readOnly,
    writablePaths,
    declaresVolumes: isOurs && writablePaths.every((path) => ownVolumes.includes(path)),
    ...(ephemeralStorageGiB && { ephemeralStorageGiB }),
    idleSeconds,
    stickySeconds,
    ...(healthCommand && { healthCommand }),
    logFormat: written.logFormat ?? preset.logFormat,
    environment: needsCaches({ isOurs, readOnly, user }) ? caches(writablePaths[0] ?? "/tmp") : {},
  };
}

const pathOf = (path: string) => (path === none ? undefined : path);

/** "image" is the image's own user. A user without a group has the group of the same number. */
export function userOf(text: string): User | undefined {
  if (text === "image") return undefined;
  if (text === "root") return { uid: 0, gid: 0 };
  const [uid = 0, gid = uid] = text.split(":").map(Number);
  return { uid, gid };
}

/** The image's own home is where its libraries look for models that the build put there, so another place is named only when home is lost. */
const needsCaches = ({ isOurs, readOnly, user }: { isOurs: boolean; readOnly: boolean; user?: User }) =>
  !isOurs && (readOnly || user !== undefined);

/** By default libraries write into the home folder, most of them before their first answer. */
const caches = (writablePath: string) => ({
  XDG_CACHE_HOME: `${writablePath}/.cache`,
  HF_HOME: `${writablePath}/.cache/huggingface`,
  TORCH_HOME: `${writablePath}/.cache/torch`,
  MPLCONFIGDIR: `${writablePath}/.cache/matplotlib`,
  NUMBA_CACHE_DIR: `${writablePath}/.cache/numba`,
});

/** Asks with what is in the image for certain: curl is in none of them. */
function asksItself(name: PresetName, port: number, path: string): readonly string[] | undefined {
  const url = `http://127.0.0.1:${port}${path}`;
  if (name === "ours") return askWith.node(url);
  return presets[name].hasPython ? askWith.python3(url) : undefined;
}

/** Commands that end with 0 when the URL answers well. */
export const askWith = {
  node: (url: string): readonly string[] => [
    "node",
    "-e",
    `fetch("${url}").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`,
  ],
  // urlopen raises for every status of 400 and above.
  python3: (url: string): readonly string[] => [
    "python3",
    "-c",
    `import urllib.request; urllib.request.urlopen("${url}", timeout=4)`,
  ],
};

/** The volume of each writable path, by the name that tasks and pods give it. */
export const writableVolumes = ({ writablePaths }: Pick<Container, "writablePaths">) =>
  writablePaths.map((path, index) => ({ name: index === 0 ? "writable" : `writable-${index + 1}`, path }));

/** What Docker and containerd give a container unless told otherwise (moby/moby, oci/caps/defaults.go). */
const usualCapabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
] as const;
const firstUnprivilegedPort = 1024;

/** Root needs a capability to listen on a low port; other users cannot have it. */
export const bindsLowPort = ({ port }: Pick<Container, "port">) => port < firstUnprivilegedPort;

/** The capabilities to drop and to add again. Fargate adds none, so there the others are dropped by name. */
export function capabilitiesOf(container: Pick<Container, "port">) {
  if (!bindsLowPort(container)) return { drop: ["ALL"], add: [], dropByName: ["ALL"] };
  const kept = "NET_BIND_SERVICE";
  return { drop: ["ALL"], add: [kept], dropByName: usualCapabilities.filter((name) => name !== kept) };
}

/** The path that stays open to everyone, for checks from outside. */
export const openPath = ({ paths }: Pick<Container, "paths">) => paths.liveness ?? paths.readiness;

export const isRoot = ({ user }: Pick<Container, "user">) => user?.uid === 0;
