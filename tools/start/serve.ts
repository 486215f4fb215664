import type { ServiceSpec } from "../../components/core/service-spec";
import { UserError } from "../cli/user-error";
import type { ReplicaCommand } from "./replica";
import { NotReady, Service } from "./service";

const parent = process.ppid;

export interface ServedReplica {
  readonly spec: ServiceSpec;
  readonly replica: ReplicaCommand;
  readonly url: string;
  /** Prints what a person can do with it. */
  introduce(startSeconds: number): Promise<void> | void;
  /** Where it answers otherwise than expected; for the progress lines. */
  hint?(): Promise<string | undefined>;
  /** The error, while the container still exists. */
  explain?(error: NotReady): Promise<UserError>;
}

/** Runs a replica until it ends or is interrupted; its log is printed once it is ready. */
export async function serve(served: ServedReplica): Promise<void> {
  const { spec, url } = served;
  const service = new Service(served.replica);
  process.on("exit", () => service.kill());
  whenOrphaned(() => void stop(service, spec));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(service, spec));
  try {
    const limits = { limitSeconds: spec.startSeconds, progressEverySeconds: 2, hint: served.hint };
    await served.introduce(await service.untilReady(url + spec.paths.readiness, limits));
    service.showLog();
    throw new UserError(`The service ended by itself: ${await service.ended}`);
  } catch (error) {
    if (service.stopping) return;
    const told = error instanceof NotReady && served.explain ? await served.explain(error) : error;
    service.kill();
    throw told;
  }
}

/** npm does not forward signals to its script; without this the replica would keep its port. */
function whenOrphaned(act: () => void): void {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, 500);
  watch.unref();
}

async function stop(service: Service, spec: ServiceSpec): Promise<void> {
  if (service.stopping) return process.exit(1);
  console.log("\nDraining: requests in progress are answered first. Ctrl-C again ends at once.");
  if (await service.drain(spec.drain.stopSeconds)) return process.exit(0);
  console.error(`The service had not ended ${spec.drain.stopSeconds} s after SIGTERM and was killed.`);
  process.exit(1);
}
