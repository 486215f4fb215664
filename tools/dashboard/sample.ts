import type { DashboardContent, DashboardVariant } from "../../components/monitoring/dashboard";
import { bothTargets } from "../../components/targets";

export const minutes = 180;

const metric = (name: string, service: string) => ({ namespace: "Sample", metric: name, dimensions: { service } });
const variant = (name: string, weight: number): DashboardVariant => ({
  name,
  target: name,
  weight,
  loadBalancer: "app/inference/0123456789abcdef",
  targetGroup: `targetgroup/inference-${name}/0123456789abcdef`,
  utilization: {
    replicas: metric("replicas", name),
    cpuPercent: metric("cpu", name),
    memoryPercent: metric("memory", name),
  },
});

/** A stack in the middle of a flip; all values are invented. */
export const sampleStack: DashboardContent = {
  title: "inference-sample",
  variants: bothTargets.map(({ name }, index) => variant(name, index === 0 ? 70 : 30)),
  logFormat: "ours",
  alarmArns: [
    "ecs-page",
    "eks-page",
    "load-balancer-page",
    "ecs-slow",
    "ecs-failing",
    "eks-slow",
    "eks-failing",
    "fatal",
  ].map((name) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:inference-${name}`),
};

/** Level and variation of a chart's values, and the level of further lines relative to the first. */
const levels: Readonly<Record<string, { level: number; waver: number; whole?: true; further?: number }>> = {
  Requests: { level: 900, waver: 0.25, whole: true, further: 3 / 7 },
  "5xx responses": { level: 0.4, waver: 0.9 },
  "Healthy replicas": { level: 3, waver: 0, whole: true },
  "Latency, p50": { level: 0.11, waver: 0.1 },
  "Latency, p90": { level: 0.24, waver: 0.15 },
  "Latency, p99": { level: 0.52, waver: 0.3 },
  Replicas: { level: 3, waver: 0, whole: true },
  CPU: { level: 48, waver: 0.25 },
  Memory: { level: 41, waver: 0.05 },
  "Predictions, counted by the container": { level: 1280, waver: 0.2, whole: true, further: 0.01 },
  "Time in the container": { level: 0.3, waver: 0.3 },
  "Errors of the load balancer": { level: 0.3, waver: 0.7, whole: true, further: 0 },
};

function random(seed: string): () => number {
  let state = [...seed].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) >>> 0, 7);
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One value a minute. The same line of the same chart always gets the same values. */
export function sampleValues(title: string, label: string, rank: number): number[] {
  const own = levels[title];
  if (!own) throw new Error(`there is no sample for the chart "${title}": add its level in tools/dashboard/sample.ts`);
  const next = random(title + label);
  const level = rank === 0 ? own.level : own.level * (own.further ?? 0.6);
  return Array.from({ length: minutes }, (_, minute) => {
    const tide = 1 + own.waver * 0.5 * Math.sin(minute / 40 + rank);
    const value = Math.max(0, level * tide * (1 + own.waver * (next() - 0.5)));
    return own.whole ? Math.round(value) : value;
  });
}
