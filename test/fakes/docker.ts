import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { serve } from "./provider";
import { declaredProperties } from "./sdk";
import { isRecord, type Properties, recordsIn, stringsIn, typeOf } from "./values";

const container = "docker:index/container:Container";

const limitMs = 15 * 60_000;
const run = promisify(execFile);

/** A docker provider that runs the Docker CLI of this machine, with the engine of DOCKER_HOST. */
async function docker(...args: string[]): Promise<string> {
  try {
    return (await run("docker", args, { timeout: limitMs, maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    throw new Error(`docker ${args[0]}: ${stderr.trim().split("\n").slice(-3).join("\n") || message}`);
  }
}

async function createImage({ name, build }: Properties) {
  const args = isRecord(build) && isRecord(build.buildArgs) ? Object.entries(build.buildArgs) : [];
  const given = args.map(([key, value]) => `--build-arg=${key}=${value}`);
  if (isRecord(build)) await docker("build", "--quiet", ...given, "--tag", String(name), String(build.context));
  // As the provider does: it pulls what this machine does not have.
  else await docker("image", "inspect", String(name)).catch(() => docker("pull", "--quiet", String(name)));
  const imageId = await docker("image", "inspect", "--format", "{{.Id}}", String(name));
  return { id: `${imageId}${name}`, outputs: { imageId, repoDigest: "" } };
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** The Docker CLI takes a health check as a shell command; "CMD" means that the words are no shell command. */
function healthOptions(check: unknown): string[] {
  if (!isRecord(check)) return [];
  const [form, ...words] = stringsIn(check.tests);
  const options = ["--health-cmd", form === "CMD" ? words.map(quote).join(" ") : words.join(" ")];
  const named = {
    interval: "interval",
    timeout: "timeout",
    retries: "retries",
    startPeriod: "start-period",
  };
  for (const [key, option] of Object.entries(named)) {
    if (check[key] !== undefined) options.push(`--health-${option}`, String(check[key]));
  }
  return options;
}

function containerOptions(inputs: Properties): string[] {
  const published = recordsIn(inputs.ports).map(
    ({ ip, external, internal }) => `--publish=${ip}:${external}:${internal}`,
  );
  const { drops, adds } = isRecord(inputs.capabilities) ? inputs.capabilities : {};
  const mounts = isRecord(inputs.tmpfs) ? Object.entries(inputs.tmpfs) : [];
  const [program] = stringsIn(inputs.entrypoints);
  return [
    ...published,
    ...stringsIn(inputs.envs).map((variable) => `--env=${variable}`),
    ...recordsIn(inputs.volumes).map(({ containerPath }) => `--volume=${containerPath}`),
    ...mounts.map(([path, options]) => `--tmpfs=${path}:${options}`),
    ...stringsIn(drops).map((capability) => `--cap-drop=${capability}`),
    ...stringsIn(adds).map((capability) => `--cap-add=${capability}`),
    ...stringsIn(inputs.securityOpts).map((option) => `--security-opt=${option}`),
    ...(inputs.readOnly === true ? ["--read-only"] : []),
    ...(inputs.init === true ? ["--init"] : []),
    `--cpus=${inputs.cpus}`,
    `--memory=${inputs.memory}m`,
    `--memory-swap=${inputs.memorySwap}m`,
    ...(inputs.user === undefined ? [] : [`--user=${inputs.user}`]),
    ...(program === undefined ? [] : [`--entrypoint=${program}`]),
    `--stop-timeout=${inputs.stopTimeout}`,
    ...healthOptions(inputs.healthcheck),
  ];
}

async function createContainer(inputs: Properties) {
  const name = String(inputs.name);
  try {
    const words = [...stringsIn(inputs.entrypoints).slice(1), ...stringsIn(inputs.command)];
    const options = ["--detach", `--name=${name}`, ...containerOptions(inputs)];
    return { id: await docker("run", ...options, String(inputs.image), ...words), outputs: {} };
  } catch (error) {
    // It may not exist; report the first error.
    await docker("rm", "--force", "--volumes", name).catch(() => {});
    throw error;
  }
}

/** The published provider reads these values back in one format and reports any other as a change in every update. */
function misspelt({ cpus, healthcheck }: Properties): string | undefined {
  if (!/^\d+\.\d+$/.test(String(cpus)))
    return `cpus is "${cpus}"; it is read back with decimals, and every update would replace it`;
  const times = isRecord(healthcheck)
    ? ["interval", "timeout", "startPeriod"].map((key) => String(healthcheck[key]))
    : [];
  const other = times.find((time) => !/^(\d+m)?[1-5]?\ds$/.test(time));
  return (
    other && `healthcheck has "${other}"; it is read back in minutes and seconds, and every update would change it`
  );
}

serve("docker", {
  realise: async (urn, inputs, _account, existing) => {
    if (existing !== undefined) {
      if (existing.type === container) {
        await docker("update", `--memory=${inputs.memory}m`, `--memory-swap=${inputs.memorySwap}m`, existing.id);
      }
      return { id: existing.id, outputs: {} };
    }
    const create = {
      "docker:index/remoteImage:RemoteImage": createImage,
      [container]: createContainer,
    };
    const type = typeOf(urn);
    if (type in create) return create[type as keyof typeof create](inputs);
    throw new Error(`${urn}: the fake provider has images and containers only`);
  },
  remove: async ({ type, id, inputs }) => {
    if (type !== container) return;
    await docker("stop", "--time", String(inputs.destroyGraceSeconds ?? 10), id);
    await docker("rm", "--volumes", id);
  },
  refuses: (_op, { type, inputs }) => (type === container ? misspelt(inputs) : undefined),
  replacedBy: (_type, changed) => changed.filter((key) => !["keepLocally", "memory", "memorySwap"].includes(key)),
  autonamed: (type) => declaredProperties(type).required.includes("name") === false,
});
