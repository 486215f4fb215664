import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
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
  else await docker("pull", "--quiet", String(name));
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
  const dropped = isRecord(inputs.capabilities) ? stringsIn(inputs.capabilities.drops) : [];
  return [
    ...published,
    ...stringsIn(inputs.envs).map((variable) => `--env=${variable}`),
    ...recordsIn(inputs.volumes).map(({ containerPath }) => `--volume=${containerPath}`),
    ...dropped.map((capability) => `--cap-drop=${capability}`),
    ...stringsIn(inputs.securityOpts).map((option) => `--security-opt=${option}`),
    ...(inputs.readOnly === true ? ["--read-only"] : []),
    ...(inputs.init === true ? ["--init"] : []),
    `--cpus=${inputs.cpus}`,
    `--memory=${inputs.memory}m`,
    `--memory-swap=${inputs.memorySwap}m`,
    `--user=${inputs.user}`,
    `--stop-timeout=${inputs.stopTimeout}`,
    ...healthOptions(inputs.healthcheck),
  ];
}

async function createContainer(inputs: Properties) {
  const name = String(inputs.name);
  try {
    const id = await docker("run", "--detach", `--name=${name}`, ...containerOptions(inputs), String(inputs.image));
    if (inputs.wait === true) await untilHealthy(id, Number(inputs.waitTimeout ?? 60));
    return { id, outputs: {} };
  } catch (error) {
    // It may not exist; report the first error.
    await docker("rm", "--force", "--volumes", name).catch(() => {});
    throw error;
  }
}

async function untilHealthy(id: string, limitSeconds: number): Promise<void> {
  for (let waited = 0; waited < limitSeconds; waited += 1) {
    const state = await docker("inspect", "--format", "{{.State.Status}} {{.State.Health.Status}}", id);
    if (state === "running healthy") return;
    if (!state.startsWith("running"))
      throw new Error(`the container exited: ${await docker("logs", "--tail", "5", id)}`);
    await sleep(1_000);
  }
  throw new Error(`the container was not healthy within ${limitSeconds} s`);
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
