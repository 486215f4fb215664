import { type Name, type Running, start, stop } from "./contestants";
import { cpuMs, withForeignShare } from "./foreign-cpu";
import { type Answer, closedLoop, openLoop, type Target } from "./load";
import type { Plan } from "./plan";
import { answersPerSecond } from "./raw-rate";
import type { Sgemm } from "./sgemm";
import { median, quantile } from "./statistics";

export interface Slice {
  round: number;
  clients: number;
  perSecond: number;
  /** CPU time the server used for one: unlike its rate, it hardly depends on what else the machine does. */
  cpuMsPerImage: number;
  p50Ms: number;
  p99Ms: number;
  foreignShare: number;
}

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
  healthPerSecond: number[];
}

const foreignShareTolerated = 0.1;
const attempts = 3;
const goodWithinMs = 1000;

export interface Setup {
  plan: Plan;
  names: Name[];
  modelFolder: string;
  weights: string;
  form: NonNullable<Target["body"]>;
  say: (line: string) => void;
}

export async function measureStarts({ names, plan, modelFolder, weights, say }: Setup): Promise<Map<Name, number[]>> {
  const starts = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < plan.starts; turn++) {
    for (const name of names) {
      const server = await start(name, modelFolder, weights);
      starts.get(name)?.push(server.startMs);
      await stop(server);
      say(`cold start, ${name}: ${server.startMs.toFixed(0)} ms`);
    }
  }
  return starts;
}

/** Each round visits every number of clients, and there every server in turn: what drifts, drifts for all. */
export async function measureThroughput(setup: Setup, servers: Running[], sgemm: Sgemm) {
  const slices = new Map<Name, Slice[]>(servers.map(({ name }) => [name, []]));
  const gflops: number[] = [];
  for (let round = 0; round < setup.plan.rounds; round++) {
    for (const clients of setup.plan.clients) {
      for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
        const slice = await undisturbed(() => measureSlice(setup, server, round, clients));
        slices.get(server.name)?.push(slice);
        setup.say(`round ${round + 1}, ${clients} clients, ${server.name}: ${slice.perSecond.toFixed(1)} /s`);
      }
    }
    gflops.push(await sgemm.gflops(2000));
  }
  return { slices, gflops };
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

/** Each multiple visits every server in turn, at multiples of what that server answers at 16 clients. */
export async function measureOverloads(
  setup: Setup,
  servers: Running[],
  slices: Map<Name, Slice[]>,
): Promise<Map<Name, Overload[]>> {
  const overloads = new Map<Name, Overload[]>(servers.map(({ name }) => [name, []]));
  for (const times of setup.plan.overloads) {
    for (const server of servers) {
      const own = (slices.get(server.name) ?? []).filter(({ clients }) => clients === 16);
      const capacity = median(own.map(({ perSecond }) => perSecond));
      const overload = await undisturbed(() => overloadAnew(setup, server, capacity, times));
      overloads.get(server.name)?.push(overload);
      setup.say(
        `${times}x overload, ${server.name}: p99 ${overload.acceptedP99Ms.toFixed(0)} ms, ` +
          `kept ${(100 * overload.goodputKept).toFixed(0)} %, /health p99 ${overload.healthP99Ms.toFixed(0)} ms`,
      );
    }
  }
  return overloads;
}

/** A server that queues without end would take minutes to recover, so each time a new reference is overloaded. */
async function overloadAnew(setup: Setup, server: Running, capacity: number, times: number): Promise<Overload> {
  if (server.name !== "reference") return overloadOnce(setup, server, capacity, times);
  const reference = await start(server.name, setup.modelFolder, setup.weights);
  try {
    return await overloadOnce(setup, reference, capacity, times);
  } finally {
    await stop(reference);
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

const accepted = (answers: Answer[]) =>
  answers.filter(({ status }) => status === 200).map(({ latencyMs }) => latencyMs);

/** Measures again while other work on the machine took a share of its CPU; keeps the least disturbed. */
async function undisturbed<T extends { foreignShare: number }>(measure: () => Promise<T>): Promise<T> {
  let best = await measure();
  for (let attempt = 1; attempt < attempts && best.foreignShare > foreignShareTolerated; attempt++) {
    const again = await measure();
    if (again.foreignShare < best.foreignShare) best = again;
  }
  return best;
}
