import path from "node:path";
import { type Env, readEnv } from "./env";
import { FatalError } from "./fatal-error";
import { garbage } from "./garbage";
import { Admission } from "./http/admission";
import { buildServer } from "./http/server";
import { Uploads } from "./http/uploads";
import { chooseBackend } from "./inference/backends/choose-backend";
import { createModel, createPool, warmUp } from "./inference/served-model";
import type { RunPrecision } from "./model/manifest";
import { locateModel } from "./model/model-source";
import { shutDown } from "./shutdown";
import { createLog } from "./telemetry/log";
import { createTelemetry } from "./telemetry/recorders";

/** Requests with a body under way, beyond the predictions. */
const mostBodies = 256;
const uploadMibPerVcpu = 48;

async function main(): Promise<void> {
  // Before the server listens there is nothing to finish.
  let leave: () => void = () => process.exit(0);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => leave());

  assertArguments(process.argv.slice(2));
  const env = readEnv(process.env);
  const log = createLog(env.logLevel);
  const source = await locateModel(env.modelUri, env.precision);
  const backend = chooseBackend(env, source.precision);
  const limit = env.maxInFlight ?? defaultMaxInFlight(env.vcpus, backend.precision);
  const uploads = new Uploads({
    bodies: limit + mostBodies,
    bytes: uploadBytes(env),
    onLeave: (bytes) => garbage.lasting(bytes),
  });
  const admission = new Admission(limit, () => uploads.soon);
  const pool = createPool(source, backend, {
    workerFile: path.join(__dirname, "inference", "worker.js"),
    workers: env.workers,
    threads: env.threads,
    // Two threads of OpenVINO were no faster than one on a busy machine, and a wide worker would take the memory of another compiled model.
    wideThreads: backend.openvino ? 0 : env.wideThreads,
    onPace: (secondsEach) => admission.pace(secondsEach),
    onBatch: (...batch) => recorder.batch(...batch),
    onLoss: (reason) => log.error({ reason }, "a worker was lost and is being replaced"),
  });
  const model = createModel(source, backend, pool, (inputs) => admission.secondsFor(inputs));
  const gauges = { inFlight: () => admission.inFlight, uploads: () => uploads.size };
  const { registry, recorder, flush } = createTelemetry(() => model.info, gauges, env);
  const { bodyLimitBytes, idleSeconds, pathPrefix, apiKeys, version, revision } = env;
  const app = buildServer({
    ...{ model, admission, uploads, recorder, registry, log },
    ...{ bodyLimitBytes, idleSeconds, pathPrefix, apiKeys },
    release: { version, revision },
  });
  leave = () => void shutDown({ env, app, model, pool, admission, uploads, flush, log });
  await app.listen({ host: env.host, port: env.port }).catch((error: NodeJS.ErrnoException) => {
    throw new FatalError(`cannot listen on HOST ${env.host} and PORT ${env.port}: ${error.code ?? error.message}`);
  });
  await warmUp(source, pool);
  if (backend.shortfall) log.warn({ reason: backend.shortfall }, "the model does not run in MODEL_PRECISION bf16");
  if (pool.openvinoRefusal)
    log.warn({ reason: pool.openvinoRefusal }, "OpenVINO does not run the model; onnxruntime does");
  log.info({ ...model.info, workers: env.workers, threads: env.threads, max_in_flight: admission.limit }, "ready");
}

/** Platforms give at least 2 GiB of memory for each vCPU, and the smallest container has 512 MiB. */
function uploadBytes({ vcpus, bodyLimitBytes }: Env): number {
  return Math.max(Math.max(1, vcpus) * uploadMibPerVcpu * 1024 * 1024, bodyLimitBytes);
}

/** SageMaker starts the container with the argument `serve`. */
function assertArguments(args: string[]): void {
  if (args.length > 1 || (args[0] ?? "serve") !== "serve") {
    throw new FatalError(`the arguments are "${args.join(" ")}"; expected none, or serve`);
  }
}

/** As many as are answered within about 0.7 s: a longer queue makes every request late and answers none sooner. */
function defaultMaxInFlight(vcpus: number, precision: RunPrecision): number {
  return Math.max(2, Math.round(vcpus * (precision === "fp32" ? 8 : 16)));
}

main().catch((error: unknown) => {
  const log = createLog("info");
  if (error instanceof FatalError) log.fatal(error.message);
  else log.fatal({ err: error }, "the server could not start");
  process.exit(1);
});
