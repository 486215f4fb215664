import { existsSync } from "node:fs";
import path from "node:path";
import { cpuShare } from "./cpu-share";
import { FatalError } from "./fatal-error";
import { apiKeysExpected, parseApiKeys } from "./http/api-keys";
import { runtimes } from "./inference/backends/choose-backend";
import { libraryFile, usualFolder } from "./inference/backends/openvino-library";
import { manifestFileName, type RunPrecision, runPrecisions } from "./model/manifest";

/** Where SageMaker unpacks a model. */
const sagemakerModelFolder = "/opt/ml/model";
const bundledModelFolder = path.join(__dirname, "..", "models", "efficientnet-lite0");

/** Every variable the server reads: [name, default, meaning]. The README's table is checked against it. */
export const variables = [
  ["PORT", "8080", "Port to listen on."],
  ["HOST", "0.0.0.0", "Address to listen on."],
  [
    "MODEL_URI",
    `the model under ${sagemakerModelFolder} when there is one, otherwise the bundled one`,
    "A model folder, an .onnx file in one, or s3://bucket/prefix, optionally with ?versionId=.",
  ],
  [
    "MODEL_PRECISION",
    "fp32",
    "fp32 or int8: which of the model's files to run. bf16: the fp32 file in bfloat16, where OpenVINO and the CPU have it, otherwise in fp32.",
  ],
  [
    "MODEL_RUNTIME",
    "auto",
    "onnxruntime, openvino, or auto: OpenVINO where it is installed and faster, otherwise onnxruntime.",
  ],
  ["OPENVINO_FOLDER", "/app/openvino/lib", "Where OpenVINO's libraries are."],
  ["CPU_UNITS", "the cgroup's limit, otherwise the machine's CPUs", "CPU share; 1024 is one vCPU."],
  ["WORKERS", "2 from two vCPUs on, otherwise 1", "Inferences at once, each with its own copy of the model."],
  ["THREADS", "the CPU share divided by WORKERS", "Threads one inference uses."],
  [
    "WIDE_THREADS",
    "the CPU share if it is more than THREADS and WORKERS is 2 or more, otherwise 0",
    "Threads one inference uses while no other runs, in a further worker with its own copy of the model. 0: no such worker. OpenVINO has none.",
  ],
  [
    "MAX_IN_FLIGHT",
    "8 per vCPU (fp32), 16 (int8, bf16)",
    "Predictions under way at once; beyond it the answer is 503.",
  ],
  ["BODY_LIMIT_MIB", "10", "Largest request body; beyond it the answer is 413."],
  ["DRAIN_SECONDS", "25", "The longest time between SIGTERM and the exit."],
  [
    "LINGER_SECONDS",
    "0",
    "How long predictions are still accepted after SIGTERM, until the load balancer stops sending them.",
  ],
  [
    "IDLE_SECONDS",
    "60",
    "How long the load balancer keeps an idle connection. The server keeps it 15 s longer, so that it never closes one in use.",
  ],
  ["PATH_PREFIX", "none", "Every path also answers under it, e.g. /models/cats."],
  ["API_KEYS", "none", 'The accepted keys: `{"name": "<SHA-256 of the key>"}`. Callers send the key in `x-api-key`.'],
  ["EMF", "0", "1 writes CloudWatch metrics to stdout in the embedded metric format."],
  ["LOG_LEVEL", "info", "fatal, error, warn, info, debug, trace or silent."],
  ["APP_VERSION", "dev", "The version in /version; the image sets it."],
  ["APP_REVISION", "unknown", "The source revision in /version; the image sets it."],
] as const;

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

type Name = (typeof variables)[number][0];

/** Reads single variables, and collects what is wrong with them. */
function reader(source: NodeJS.ProcessEnv) {
  const problems: string[] = [];
  const text = (name: Name) => source[name] || undefined;

  function checked<T>(name: Name, parse: (value: string) => T | undefined, expected: string): T | undefined {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsed = parse(value);
    if (parsed === undefined) problems.push(`${name} is "${value}"; expected ${expected}`);
    return parsed;
  }
  const whole = (name: Name, least: number, most: number) =>
    checked(
      name,
      (value) => (/^\d+$/.test(value) && +value >= least && +value <= most ? +value : undefined),
      `a whole number from ${least} to ${most}`,
    );
  const choice = <const T extends string>(name: Name, allowed: readonly T[]) =>
    checked(name, (value) => allowed.find((one) => one === value), allowed.join(", "));

  /** An empty value is a mistake, not the absence of keys. The message leaves the value out: logs must not show it. */
  function apiKeys() {
    const keys = source.API_KEYS === undefined ? undefined : parseApiKeys(source.API_KEYS);
    if (source.API_KEYS !== undefined && !keys) problems.push(`API_KEYS is invalid; expected ${apiKeysExpected}`);
    return keys;
  }

  return { problems, text, checked, whole, choice, apiKeys };
}

export type Env = ReturnType<typeof readEnv>;

export function readEnv(source: NodeJS.ProcessEnv, platformModelFolder = sagemakerModelFolder) {
  const read = reader(source);
  const { problems, text, checked, whole, choice, apiKeys } = read;
  const precision = choice("MODEL_PRECISION", runPrecisions);
  const vcpus = cpuShare(whole("CPU_UNITS", 128, 196_608));
  const threads = whole("THREADS", 1, 64);
  // On two vCPUs, two workers of one thread were faster than one of two, and one goes on when the other fails. More workers take more memory.
  const workers = whole("WORKERS", 1, 64) ?? (vcpus / (threads ?? 1) >= 2 ? 2 : 1);
  const threadsEach = threads ?? Math.max(1, Math.floor(vcpus / workers));
  const allThreads = Math.floor(vcpus);
  const env = {
    port: whole("PORT", 0, 65_535) ?? 8080,
    host: text("HOST") ?? "0.0.0.0",
    modelUri: text("MODEL_URI") ?? defaultModelUri(platformModelFolder),
    precision,
    ...runtimeOf(read, precision),
    workers,
    threads: threadsEach,
    // With two vCPUs, an inference of ResNet50 in fp32 that is alone takes two thirds of the time that one thread takes.
    wideThreads: whole("WIDE_THREADS", 0, 64) ?? (workers > 1 && allThreads > threadsEach ? allThreads : 0),
    vcpus,
    maxInFlight: whole("MAX_IN_FLIGHT", 1, 100_000),
    bodyLimitBytes: (whole("BODY_LIMIT_MIB", 1, 1024) ?? 10) * 1024 * 1024,
    drainSeconds: whole("DRAIN_SECONDS", 1, 3600) ?? 25,
    lingerSeconds: whole("LINGER_SECONDS", 0, 3599) ?? 0,
    idleSeconds: whole("IDLE_SECONDS", 1, 4000) ?? 60,
    pathPrefix: checked(
      "PATH_PREFIX",
      (value) => (/^(\/[A-Za-z0-9._~-]+)+$/.test(value) ? value : undefined),
      "a path such as /models/cats",
    ),
    apiKeys: apiKeys(),
    emf: choice("EMF", ["0", "1"]) === "1",
    logLevel: choice("LOG_LEVEL", logLevels) ?? "info",
    version: text("APP_VERSION") ?? "dev",
    revision: text("APP_REVISION") ?? "unknown",
  };
  if (env.lingerSeconds >= env.drainSeconds) {
    problems.push(`LINGER_SECONDS is ${env.lingerSeconds}; expected less than DRAIN_SECONDS (${env.drainSeconds})`);
  }
  if (problems.length > 0) throw new FatalError(problems.join("; "));
  return Object.freeze(env);
}

function runtimeOf({ problems, text, choice }: ReturnType<typeof reader>, precision: RunPrecision | undefined) {
  const runtime = choice("MODEL_RUNTIME", runtimes) ?? "auto";
  const folder = text("OPENVINO_FOLDER") ?? usualFolder;
  const openvinoLibrary = libraryFile(folder);
  if (runtime === "openvino" && openvinoLibrary === undefined) {
    problems.push(
      `MODEL_RUNTIME is "openvino", but ${folder} has no libopenvino_c.so; build the image with the argument RUNTIME=openvino`,
    );
  }
  if (runtime === "onnxruntime" && precision === "bf16") {
    problems.push(
      'MODEL_PRECISION is "bf16", which onnxruntime does not have; expected MODEL_RUNTIME auto or openvino',
    );
  }
  return { runtime, openvinoLibrary };
}

function defaultModelUri(platformModelFolder: string): string {
  return existsSync(path.join(platformModelFolder, manifestFileName)) ? platformModelFolder : bundledModelFolder;
}
