import type { Measured, Recording, Step } from "../../tools/load/recording";

/** A step of twenty seconds. */
export const step = (perSecond: number, p99Ms: number, errors = 0, beganAt = 0): Step => {
  const requests = perSecond * 20;
  const statuses = { 200: requests - errors, ...(errors > 0 && { 503: errors }) };
  return {
    perSecond,
    seconds: 20,
    beganAt,
    answeredPerSecond: (requests - errors) / 20,
    requests,
    errors,
    statuses,
    p50Ms: 80,
    p90Ms: 140,
    p99Ms,
    maxMs: p99Ms,
  };
};
export const ecs: Measured = {
  name: "ecs",
  target: "ecs",
  health: 200,
  version: "1.2 <model> 3",
  steps: [step(10, 240), step(20, 1600, 44, 230), step(15, 620, 0, 260)],
  highestPerSecond: 15,
  replicas: [
    { id: "10.0.0.1", task: "0a1b", healthy: true },
    { id: "10.0.0.2", task: "2c3d", healthy: true, madeAt: 185, registeredAt: 221, healthyAt: 243 },
    { id: "10.0.0.3", healthy: false, registeredAt: 250 },
  ],
};
export const eks: Measured = {
  ...ecs,
  name: "eks",
  target: "eks",
  steps: [step(10, 230)],
  highestPerSecond: 10,
  replicas: undefined,
};
/** A recording of two variants at rising rates; only ecs has replicas. */
export const load: Recording = {
  url: "http://balancer.example/",
  stack: "dev",
  startedAt: "2026-11-20T10:00:00.000Z",
  p99LimitMs: 1000,
  lanes: [ecs, eks],
};
