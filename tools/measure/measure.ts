import { setTimeout as sleep } from "node:timers/promises";
import { serviceSpec } from "../../components/core/service-spec";
import type { Measurement } from "../../components/pricing";
import type { Settings } from "../../components/settings";
import { RunningContainer } from "../container/running-container";
import { load } from "../load/load";
import type { Recording } from "../load/recording";
import { Docker } from "../start/docker";
import { credentialArguments } from "../start/replica";
import type { AskedMeasure } from "./arguments";
import { localImage } from "./image";
import { figure, measurementOf } from "./measurement";
import { atAddress, deployedVariant, inContainer, type Subject } from "./subject";

export interface Found {
  readonly measurement: Measurement;
  readonly recording: Recording;
}

export async function measure(asked: AskedMeasure, settings: Settings, docker = new Docker()): Promise<Found> {
  const { place } = asked;
  if (place !== undefined && "image" in place) return ofImage(asked, settings, place.image, docker);
  const subject = place === undefined ? await deployedVariant(asked, settings) : atAddress(place);
  const recording = await search(asked, settings, subject);
  return { recording, measurement: measurementOf(recording, subject) };
}

async function ofImage(asked: AskedMeasure, settings: Settings, image: string, docker: Docker): Promise<Found> {
  const { digest, bytes } = await localImage(docker, image);
  const spec = serviceSpec(settings);
  console.log(`Starting ${image} with ${spec.cpuUnits / 1024} vCPU and ${spec.memoryMiB} MiB ...`);
  const container = await RunningContainer.start(docker, { spec, image, extra: credentialArguments() });
  try {
    const atRest = await container.memoryMiB();
    const endOfWatch = watchPeak(() => container.memoryMiB());
    const subject = inContainer(new URL(container.url), image, digest, spec);
    const recording = await search(asked, settings, subject).finally(endOfWatch);
    const atPeak = Math.max(atRest, await endOfWatch());
    const memoryMiB = { atRest: figure(atRest), atPeak: figure(atPeak) };
    const known = { memoryMiB, startSeconds: figure(container.startSeconds), imageBytes: bytes };
    return { recording, measurement: measurementOf(recording, subject, known) };
  } finally {
    await container.remove();
  }
}

/** The search of npm run load -- --ramp, for one variant. */
function search(asked: AskedMeasure, settings: Settings, { url, variant }: Subject): Promise<Recording> {
  const { perSecond, seconds, headers, request, owned, p99LimitMs = settings.alarms.p99Seconds * 1000 } = asked;
  const where = url === undefined ? { stack: asked.stack } : { url };
  const variants = variant === undefined ? undefined : [variant];
  return load({ ...where, variants, perSecond, seconds, headers, request, owned, p99LimitMs });
}

/** Docker computes its statistics over a second. */
const betweenMs = 500;

/** The highest value from now until the returned function is called. A failed reading is left out. */
export function watchPeak(read: () => Promise<number>, everyMs = betweenMs): () => Promise<number> {
  const over = new AbortController();
  let peak = 0;
  const watch = async () => {
    while (!over.signal.aborted) {
      peak = Math.max(peak, await read().catch(() => 0));
      await sleep(everyMs, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  const watching = watch();
  return async () => {
    over.abort();
    await watching;
    return peak;
  };
}
