import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { type Env, readEnv } from "./env";
import { FatalError } from "./fatal-error";
import { Admission } from "./http/admission";
import { buildServer } from "./http/server";
import { mostUploadSeconds, Uploads } from "./http/uploads";
import { createModel, createPool, describeModel, warmUp } from "./inference/served-model";
import { type Linger, untilQuiet } from "./linger";
import { locateModel } from "./model/model-source";
import { EmbeddedMetrics } from "./telemetry/emf";
import { createPrometheus, type Recorder } from "./telemetry/metrics";

const emfIntervalMs = 10_000;
/** What a request may still take that comes at the last moment: its upload, and 5 s for its answer. */
const lastRequestSeconds = mostUploadSeconds + 5;
/** Under way beside those that are predicted. */
const mostBodies = 256;
const uploadMibPerVcpu = 48;

type Log = ReturnType<typeof createLog>;

async function main(): Promise<void> {
  // Until something listens there is nothing to finish.
  let leave: () => void = () => process.exit(0);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => leave());

  assertArguments(process.argv.slice(2));
  const env = readEnv(process.env);
  const log = createLog(env.logLevel);
  const source = await locateModel(env.modelUri, env.precision);
  const info = describeModel(source);
  const admission = new Admission(env.maxInFlight ?? defaultMaxInFlight(env.vcpus, info.precision));
  const uploads = new Uploads({ bodies: admission.limit + mostBodies, bytes: uploadBytes(env) });
  const { registry, recorder: prometheus } = createPrometheus(info, {
    inFlight: () => admission.inFlight,
    uploads: () => uploads.size,
  });
  const emf = env.emf ? new EmbeddedMetrics(info.name, (line) => process.stdout.write(`${line}\n`)) : undefined;
  const recorder = emf ? both(prometheus, emf) : prometheus;
  if (emf) setInterval(() => emf.flush(), emfIntervalMs);

  const pool = createPool(source, {
    workerFile: path.join(__dirname, "inference", "worker.js"),
    workers: env.workers,
    threads: env.threads,
    onPace: (secondsEach) => admission.pace(secondsEach),
    onBatch: recorder.batch,
    onLoss: (reason) => log.error({ reason }, "a worker was lost and is being replaced"),
  });
  const model = createModel(source, pool);
  const app = buildServer({
    model,
    admission,
    uploads,
    recorder,
    registry,
    bodyLimitBytes: env.bodyLimitBytes,
    pathPrefix: env.pathPrefix,
    apiKeys: env.apiKeys,
    release: { version: env.version, revision: env.revision },
    log,
  });
  leave = () => void shutDown();
  await app.listen({ host: env.host, port: env.port }).catch((error: NodeJS.ErrnoException) => {
    throw new FatalError(`HOST ${env.host} and PORT ${env.port} cannot be listened on: ${error.code ?? error.message}`);
  });
  await warmUp(source, pool);
  log.info({ ...info, workers: env.workers, threads: env.threads, max_in_flight: admission.limit }, "ready");

  async function shutDown(): Promise<void> {
    admission.leaving = true;
    log.info({ in_flight: uploads.size }, "shutting down");
    const patience = setTimeout(() => {
      log.warn({ in_flight: uploads.size }, `DRAIN_SECONDS (${env.drainSeconds}) are over; the rest is cut off`);
      process.exit(0);
    }, env.drainSeconds * 1000);
    if (model.ready) await untilQuiet(lingerOf(env), () => uploads.lastArrivalAt);
    admission.closed = true;
    await uploads.empty();
    // Every prediction is answered; a probe under way gets a moment, a connection held open for nothing does not.
    await Promise.race([app.close(), sleep(1000)]);
    await pool.quiet();
    clearTimeout(patience);
    emf?.flush();
    process.exit(0);
  }
}

/** A platform gives two GiB and more for each vCPU, and the smallest container has 512 MiB. */
function uploadBytes({ vcpus, bodyLimitBytes }: Env): number {
  return Math.max(Math.max(1, vcpus) * uploadMibPerVcpu * 1024 * 1024, bodyLimitBytes);
}

function lingerOf({ lingerSeconds, drainSeconds }: Env): Linger {
  return { leastSeconds: lingerSeconds, mostSeconds: Math.max(lingerSeconds, drainSeconds - lastRequestSeconds) };
}

/** SageMaker starts a container with the argument `serve`; there is nothing else to do here. */
function assertArguments(args: string[]): void {
  if (args.length > 1 || (args[0] ?? "serve") !== "serve") {
    throw new FatalError(`the arguments are "${args.join(" ")}"; expected none, or serve`);
  }
}

/** As many as are answered within about 0.7 s: a longer queue serves nobody sooner and makes all of them late. */
function defaultMaxInFlight(vcpus: number, precision: "fp32" | "int8"): number {
  return Math.max(2, Math.round(vcpus * (precision === "int8" ? 16 : 8)));
}

function both(first: Recorder, second: Recorder): Recorder {
  return {
    request(...event) {
      first.request(...event);
      second.request(...event);
    },
    batch(...event) {
      first.batch(...event);
      second.batch(...event);
    },
  };
}

function createLog(level: Env["logLevel"]) {
  const options = {
    level,
    base: undefined,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  // Left to itself pino writes behind the back of what goes on, and an exit may cut off the line that says why.
  return pino(options, pino.destination({ sync: true }));
}

main().catch((error: unknown) => {
  const log: Log = createLog("info");
  if (error instanceof FatalError) log.fatal(error.message);
  else log.fatal({ err: error }, "the server could not start");
  process.exit(1);
});
