import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Env } from "./env";
import type { Admission } from "./http/admission";
import { mostUploadSeconds, type Uploads } from "./http/uploads";
import type { InferencePool } from "./inference/pool";
import type { Model } from "./inference/served-model";
import { type Linger, untilQuiet } from "./linger";
import type { Log } from "./telemetry/log";

/** The most that a request which arrives at the last moment may take: its upload, and 5 s for its answer. */
const lastRequestSeconds = mostUploadSeconds + 5;

export interface Running {
  env: Env;
  app: FastifyInstance;
  model: Model;
  pool: InferencePool;
  admission: Admission;
  uploads: Uploads;
  /** Writes the metrics that are not yet written. */
  flush: () => void;
  log: Log;
}

/** From SIGTERM to the exit: answers what still arrives, then what is under way, within DRAIN_SECONDS. */
export async function shutDown({ env, app, model, pool, admission, uploads, flush, log }: Running): Promise<never> {
  admission.leaving = true;
  log.info({ in_flight: uploads.size }, "shutting down");
  const limit = setTimeout(() => {
    log.warn(
      { in_flight: uploads.size },
      `DRAIN_SECONDS (${env.drainSeconds}) are over: exiting with requests under way`,
    );
    process.exit(0);
  }, env.drainSeconds * 1000);
  if (model.ready) await untilQuiet(lingerOf(env), () => uploads.lastArrivalAt);
  admission.closed = true;
  await uploads.empty();
  // Every prediction is answered: a probe under way gets a second, idle connections get none.
  await Promise.race([app.close(), sleep(1000)]);
  await pool.quiet();
  clearTimeout(limit);
  flush();
  process.exit(0);
}

function lingerOf({ lingerSeconds, drainSeconds }: Env): Linger {
  return { leastSeconds: lingerSeconds, mostSeconds: Math.max(lingerSeconds, drainSeconds - lastRequestSeconds) };
}
