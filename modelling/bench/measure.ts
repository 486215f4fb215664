import { isOurs, type Models, type Name, type Precision, precisions } from "./contestants";
import type { LargePhotos } from "./large-photos";
import type { Limits } from "./limits";
import { type Answer, closedLoop, openLoop, type Target } from "./load";
import type { Plan } from "./plan";
import { cpuMs, withForeignShare } from "./processes";
import { answersPerSecond } from "./raw-rate";
import { type Running, start, stop } from "./servers";
import { at, clean, isDisturbed, type Slice } from "./slices";
import { median, quantile } from "./statistics";
import { undisturbed } from "./undisturbed";

export interface Overload {
  times: number;
  arrivalsPerSecond: number;
  acceptedP99Ms: number;
  /** Answered within a second, as a share of what it answers at 16 clients. */
  goodputKept: number;
  healthP99Ms: number;
  refused: number;
  failed: number;
  foreignShare: number;
}

export interface Result {
  name: Name;
  startMs: number[];
  residentMb: number;
  slices: Slice[];
  overloads: Overload[];
  /** Of our servers. */
  largePhotos: LargePhotos[];
  healthPerSecond: number[];
}

const goodWithinMs = 1000;

export interface Setup {
  plan: Plan;
  names: Name[];
  models: Models;
  form: NonNullable<Target["body"]>;
  say: (line: string) => void;
}

export async function measureStarts({ names, plan, models, say }: Setup): Promise<Map<Name, number[]>> {
  const starts = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < plan.starts; turn++) {
    for (const name of names) {
      const server = await start(name, models);
      starts.get(name)?.push(server.startMs);
      await stop(server);
      say(`cold start, ${name}: ${server.startMs.toFixed(0)} ms`);
    }
  }
  return starts;
}

/**
 * Each round visits every number of clients, and there every server in turn: what drifts, drifts for all. Where other work
 * disturbed a round, up to as many more follow.
 */
export async function measureThroughput(setup: Setup, servers: Running[], limits: Limits) {
  const slices = new Map<Name, Slice[]>(servers.map(({ name }) => [name, []]));
  const gflops: Record<Precision, number[]> = { fp32: [], bf16: [], int8: [] };
  const { rounds, clients, limitMs } = setup.plan;
  const end = performance.now() + limitMs;
  for (let round = 0; round < rounds || (round < 2 * rounds && performance.now() < end); round++) {
    const wanting = clients.filter((each) => round < rounds || cleanRounds(slices, each).length < rounds);
    if (wanting.length === 0) break;
    for (const each of wanting) {
      for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
        const slice = await undisturbed(() => measureSlice(setup, server, round, each));
        slices.get(server.name)?.push(slice);
        const disturbed = isDisturbed(slice) ? ", disturbed" : "";
        setup.say(`round ${round + 1}, ${each} clients, ${server.name}: ${slice.perSecond.toFixed(1)} /s${disturbed}`);
      }
    }
    const reached = await limits.measure(1000);
    for (const precision of precisions) gflops[precision].push(reached[precision] ?? Number.NaN);
  }
  return { slices, gflops };
}

/** The rounds in which no server was disturbed at this number of clients. */
function cleanRounds(slices: ReadonlyMap<Name, Slice[]>, clients: number): number[] {
  const all = [...slices.values()].map((own) => own.filter((slice) => slice.clients === clients));
  const rounds = (all[0] ?? []).map(({ round }) => round);
  return rounds.filter((round) =>
    all.every((own) => own.some((slice) => slice.round === round && !isDisturbed(slice))),
  );
}

async function measureSlice({ plan, form }: Setup, server: Running, round: number, clients: number): Promise<Slice> {
  const target = { port: server.port, path: "/predict", body: form };
  const pid = server.process.pid ?? 0;
  const cpuBeforeMs = cpuMs(pid);
  const { result, foreignShare } = await withForeignShare(() => closedLoop(target, clients, plan.sliceMs));
  const latencies = accepted(result.inTime);
  return {
    round,
    clients,
    perSecond: (latencies.length * 1000) / plan.sliceMs,
    cpuMsPerImage: (cpuMs(pid) - cpuBeforeMs) / accepted(result.all).length,
    p50Ms: median(latencies),
    p99Ms: quantile(latencies, 0.99),
    foreignShare,
  };
}

export async function measureHealthRate({ plan, say }: Setup, servers: Running[]): Promise<Map<Name, number[]>> {
  const rates = new Map<Name, number[]>(servers.map(({ name }) => [name, []]));
  for (let round = 0; round < plan.rounds; round++) {
    for (const { name, port } of servers) {
      const rate = await answersPerSecond(port, "/health", 32, plan.sliceMs / 2);
      rates.get(name)?.push(rate);
      say(`/health, ${name}: ${rate.toFixed(0)} /s`);
    }
  }
  return rates;
}

/** Each multiple visits the servers in turn, at multiples of what each answers at 16 clients. */
export async function measureOverloads(
  setup: Setup,
  servers: Running[],
  slices: Map<Name, Slice[]>,
): Promise<Map<Name, Overload[]>> {
  const overloads = new Map<Name, Overload[]>(servers.map(({ name }) => [name, []]));
  for (const times of setup.plan.overloads) {
    for (const server of servers) {
      if (!isOurs(server.name) && !setup.plan.overloadsOfOthers.includes(times)) continue;
      const own = at({ slices: slices.get(server.name) ?? [] }, 16);
      const undisturbedOnes = clean(own);
      const capacity = median((undisturbedOnes.length > 0 ? undisturbedOnes : own).map(({ perSecond }) => perSecond));
      const overload = await undisturbed(() => overloadAnew(setup, server, capacity, times)).catch(
        leaveOut(setup, server),
      );
      if (overload === undefined) continue;
      overloads.get(server.name)?.push(overload);
      setup.say(
        `${times}x overload, ${server.name}: p99 ${overload.acceptedP99Ms.toFixed(0)} ms, ` +
          `kept ${(100 * overload.goodputKept).toFixed(0)} %, /health p99 ${overload.healthP99Ms.toFixed(0)} ms`,
      );
    }
  }
  return overloads;
}

/** A server that does not start once more costs its own figure, not those of half an hour. */
const leaveOut =
  ({ say }: Setup, { name }: Running) =>
  (error: Error) =>
    say(`no overload of ${name}: ${error.message}`);

/** A server that queues without end would take minutes to recover, so each time a new one is overloaded. */
async function overloadAnew(setup: Setup, server: Running, capacity: number, times: number): Promise<Overload> {
  if (isOurs(server.name)) return overloadOnce(setup, server, capacity, times);
  const other = await start(server.name, setup.models);
  try {
    return await overloadOnce(setup, other, capacity, times);
  } finally {
    await stop(other);
  }
}

async function overloadOnce(
  { plan, form }: Setup,
  server: Running,
  capacity: number,
  times: number,
): Promise<Overload> {
  const durationMs = 2 * plan.sliceMs;
  const arrivalsPerSecond = times * capacity;
  const { port } = server;
  const { result, foreignShare } = await withForeignShare(() =>
    Promise.all([
      openLoop({ port, path: "/predict", body: form }, arrivalsPerSecond, durationMs),
      openLoop({ port, path: "/health" }, 20, durationMs),
    ]),
  );
  const [predictions, health] = result;
  const good = accepted(predictions).filter((latencyMs) => latencyMs <= goodWithinMs).length;
  return {
    times,
    arrivalsPerSecond,
    acceptedP99Ms: quantile(accepted(predictions), 0.99),
    goodputKept: (good * 1000) / durationMs / capacity,
    healthP99Ms: quantile(
      health.map(({ latencyMs }) => latencyMs),
      0.99,
    ),
    refused: predictions.filter(({ status }) => status === 503).length,
    failed: predictions.filter(({ status }) => status !== 200 && status !== 503).length,
    foreignShare,
  };
}

/** The latencies of those that were answered. */
export const accepted = (answers: Answer[]) =>
  answers.filter(({ status }) => status === 200).map(({ latencyMs }) => latencyMs);
