import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { largePhoto } from "../../app/test/support/large-photo";
import { isOurs } from "./contestants";
import { closedLoop, pictureForm } from "./load";
import { accepted, type Setup } from "./measure";
import { withForeignShare } from "./processes";
import type { Running } from "./servers";
import { quantile } from "./statistics";
import { undisturbed } from "./undisturbed";

export const kinds = ["baseline", "progressive"] as const;

/** What many callers with a photo of 12 megapixels each get. */
export interface LargePhotos {
  kind: (typeof kinds)[number];
  perSecond: number;
  acceptedP99Ms: number;
  healthP99Ms: number;
  refused: number;
  failed: number;
  foreignShare: number;
}

export const largePhotoCallers = 64;

/** Of our servers alone: the others queue without end. */
export async function measureLargePhotos(setup: Setup, servers: Running[]): Promise<Map<string, LargePhotos[]>> {
  const measured = new Map<string, LargePhotos[]>();
  for (const kind of kinds) {
    const form = pictureForm(await largePhoto(kind === "progressive"));
    for (const { name, port } of servers.filter((server) => isOurs(server.name))) {
      const one = await undisturbed(() => callWith(form, kind, port, 2 * setup.plan.sliceMs));
      measured.set(name, [...(measured.get(name) ?? []), one]);
      setup.say(
        `${largePhotoCallers} callers, 12 megapixels, ${kind}, ${name}: ${one.perSecond.toFixed(1)} /s, ` +
          `p99 ${one.acceptedP99Ms.toFixed(0)} ms, /health p99 ${one.healthP99Ms.toFixed(0)} ms`,
      );
    }
  }
  return measured;
}

async function callWith(form: Setup["form"], kind: LargePhotos["kind"], port: number, durationMs: number) {
  const { result, foreignShare } = await withForeignShare(() =>
    Promise.all([
      closedLoop({ port, path: "/predict", body: form }, largePhotoCallers, durationMs),
      healthP99Ms(port, durationMs),
    ]),
  );
  const [{ all, inTime }, health] = result;
  return {
    kind,
    perSecond: (accepted(inTime).length * 1000) / durationMs,
    acceptedP99Ms: quantile(accepted(all), 0.99),
    healthP99Ms: health,
    refused: all.filter(({ status }) => status === 503).length,
    failed: all.filter(({ status }) => status !== 200 && status !== 503).length,
    foreignShare,
  };
}

/** In a process of its own: this one is busy with sending photos. */
async function healthP99Ms(port: number, durationMs: number): Promise<number> {
  const probe = fork(path.join(__dirname, "health-probe.ts"), [`${port}`, `${durationMs}`]);
  const [p99Ms] = await Promise.race([once(probe, "message"), once(probe, "exit").then(failed)]);
  return Number(p99Ms);
}

function failed(): never {
  throw new Error("the probe of /health ended without a result");
}
