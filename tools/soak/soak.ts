import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { shippedPhotos } from "../load/photos";
import type { RequestTemplate } from "../load/requests";
import {
  type BadAnswer,
  badInput,
  Caller,
  decodeHeavyPictures,
  photosAt,
  photosInTurn,
  type Said,
  slowClient,
} from "./callers";
import type { Held, SoakedServer } from "./server";
import { growthPerHour, type Sample } from "./slope";

/** As many as the server lets in at once. */
const callersAtOnce = 16;
const loadShare = 0.8;
/** Beside the load, so that three and a half times the capacity arrive together. */
const burstFactor = 2.7;
const burstSeconds = 5;
const healthEveryMs = 100;
const badPerSecond = 4;
/** How often memory in use is measured before a worker ends: the requests under way hold some, seldom much in each of these. */
const heldTimes = 4;
const slowClients = 10;
/** A server that lost 180 MB/h had -79 MB/h in a run of 5 minutes: what is in use moves by more. */
export const judgedSeconds = 900;
/** How long the server has to close what the callers left. */
const settleSeconds = 30;

export interface Outcome {
  readonly seconds: number;
  readonly capacity: number;
  readonly perSecond: number;
  /** At the constant rate. */
  readonly steady: readonly Said[];
  readonly bursts: readonly Said[];
  /** The answers to each photo before the load. */
  readonly references: readonly string[];
  readonly health: readonly Said[];
  readonly bad: readonly BadAnswer[];
  readonly slow: readonly number[];
  readonly kills: number;
  readonly losses: number;
  readonly samples: readonly Sample[];
  /** Without what V8 and the allocator keep but do not use, before a worker ended. */
  readonly held: readonly Sample[];
  readonly growthMbPerHour: number;
  readonly before: Held | undefined;
  readonly after: Held | undefined;
  readonly isReady: boolean;
}

export async function soak(server: SoakedServer, seconds: number): Promise<Outcome> {
  const photos = shippedPhotos();
  const references = await answersOf(server, photos);
  if (seconds >= judgedSeconds) await decodeHeavyPictures(server.port);
  const before = server.held();
  const capacity = await capacityOf(server, photos, Math.min(15, seconds / 6));
  console.log(
    `Capacity ${capacity.toFixed(1)} predictions/s; ${Math.round(seconds)} s at ${loadShare * 100} % of it ...`,
  );
  const caller = new Caller(server.url);
  const perSecond = capacity * loadShare;
  const over = new AbortController();
  const { signal } = over;
  setMaxListeners(0, signal);
  const every = <T>(ms: number, act: () => T) => repeated(ms, signal, act);
  const burstEveryMs = Math.min(60, seconds / 4) * 1000;
  // Three lost workers within a minute turn /ready to 503.
  const killEveryMs = Math.min(30, seconds / 2.5) * 1000;
  const startedMs = performance.now();
  const elapsed = () => (performance.now() - startedMs) / 1000;
  const loads = Promise.all([
    photosAt(caller, photos, { perSecond, seconds, signal }),
    every(burstEveryMs, () => photosAt(caller, photos, { perSecond: capacity * burstFactor, seconds: burstSeconds })),
    every(healthEveryMs, () => caller.ask(0, { method: "GET", path: "/health" })),
    badInput(server.port, smallest(photos), { perSecond: badPerSecond, seconds, signal }),
    Promise.all(Array.from({ length: slowClients }, () => slowClient(server.port, signal))),
    every(killEveryMs, async () => {
      const megabytes = await leastHeldMb(server, killEveryMs / 5);
      server.endWorker();
      return { seconds: elapsed(), megabytes };
    }),
    every(1000, (): Sample => ({ seconds: elapsed(), megabytes: server.residentMb() ?? 0 })),
  ]);
  await endOf(seconds, server);
  over.abort();
  const [steady, bursts, health, bad, slow, kills, samples] = await loads;
  await caller.close();
  const after = await settled(server, before);
  const held = kills.filter(({ megabytes }) => Number.isFinite(megabytes));
  return {
    seconds,
    capacity,
    perSecond,
    steady,
    bursts: bursts.flat(),
    references,
    health,
    bad,
    slow: slow.flat(),
    kills: kills.length,
    losses: server.losses,
    samples,
    held,
    growthMbPerHour: growthPerHour(held),
    before,
    after,
    isReady: await server.isReady(),
  };
}

/** The answer to each photo alone. */
async function answersOf(server: SoakedServer, photos: readonly RequestTemplate[]): Promise<string[]> {
  const caller = new Caller(server.url);
  const answers: string[] = [];
  for (const [index, photo] of photos.entries()) answers.push((await caller.ask(index, photo)).body);
  await caller.close();
  return answers;
}

async function capacityOf(server: SoakedServer, photos: readonly RequestTemplate[], seconds: number): Promise<number> {
  const caller = new Caller(server.url);
  const startedMs = performance.now();
  const answers = await photosInTurn(caller, photos, callersAtOnce, seconds);
  const well = answers.filter(({ status }) => status === 200);
  await caller.close();
  return well.length / ((performance.now() - startedMs) / 1000);
}

const smallest = (photos: readonly RequestTemplate[]) =>
  photos
    .map(({ body }) => body?.bytes ?? Buffer.alloc(0))
    .reduce((one, other) => (other.length < one.length ? other : one));

async function endOf(seconds: number, server: SoakedServer): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end && !server.hasEnded; ) await sleep(200);
}

/** By then the worker that was ended last has its successor, which takes memory too. Infinity where there is no /proc. */
async function leastHeldMb(server: SoakedServer, withinMs: number): Promise<number> {
  const earlier = server.heldMb.length;
  for (let time = 0; time < heldTimes; time++) {
    server.askForHeldMemory();
    await sleep(withinMs / heldTimes);
  }
  return Math.min(...server.heldMb.slice(earlier));
}

/** Acts after each pause until the signal, and waits for what it began. */
async function repeated<T>(ms: number, signal: AbortSignal, act: () => T): Promise<Awaited<T>[]> {
  const begun: T[] = [];
  while (!signal.aborted) {
    await sleep(ms, undefined, { signal }).catch(() => {});
    if (!signal.aborted) begun.push(act());
  }
  return Promise.all(begun);
}

async function settled(server: SoakedServer, before: Held | undefined): Promise<Held | undefined> {
  let now = server.held();
  const isOpen = () => (now?.sockets ?? 0) > (before?.sockets ?? 0);
  for (let waited = 0; waited < settleSeconds && (isOpen() || !(await server.isReady())); waited++) {
    await sleep(1000);
    now = server.held();
  }
  return now;
}
