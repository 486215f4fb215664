import { measured } from "../../components/pricing";
import { ofType, type Plan } from "../offline";
import type { Evaluated } from "./evaluated";

/** A part of a wait. Where sources differ, `most` is the longest that one of them reports. */
export interface Wait {
  readonly what: string;
  readonly seconds: number;
  readonly most?: number;
  /** Who reports it, and when. */
  readonly from: string;
}

export interface Span {
  readonly least: number;
  readonly most: number;
}

interface HealthCheck {
  readonly interval: number;
  readonly healthyThreshold: number;
}

interface Behaviour {
  readonly spec: { readonly behavior: { readonly scaleUp: { readonly stabilizationWindowSeconds?: number } } };
}

function inputs<T>(plan: Plan, type: string): T | undefined {
  return ofType(plan, type)[0]?.inputs as T | undefined;
}

const roadmap2113 = "AWS in containers-roadmap#2113, 2026-09-15";

/** From the load to the decision, with metrics of a minute and with those of 20 seconds. */
const targetTracking = { minute: 363, twentySeconds: 86 } as const;

/** A task of a small image is placed and started in this time, whatever is pulled. */
const fargateStart = 23;

/** 57 s for 413 MB (elasticscale, 2024-04-10), 70 s for 900 MB (containers-roadmap#696): what is above the start of a small image. */
const pullSecondsPerMb = { least: (70 - fargateStart) / 900, most: (57 - fargateStart) / 413 } as const;

function pull(imageMb: number): Wait {
  return {
    what: `image of ${imageMb} MB pulled`,
    seconds: imageMb * pullSecondsPerMb.least,
    most: imageMb * pullSecondsPerMb.most,
    from: "slope of elasticscale, 2024-04-10, and of containers-roadmap#696, both on Fargate",
  };
}

const started: Wait = {
  what: "server ready",
  seconds: measured.startSeconds.value,
  from: "measured: the built-in image on this project's machine",
};

function healthy(plan: Plan): Wait {
  const check = inputs<{ healthCheck: HealthCheck }>(plan, "aws:lb/targetGroup:TargetGroup")?.healthCheck;
  const seconds = (check?.interval ?? 0) * (check?.healthyThreshold ?? 0);
  return { what: "load balancer's checks", seconds, from: "plan" };
}

/** From too much load to the first answer of a further replica, step by step. */
export function scaleOut({ target, plan }: Evaluated, imageMb: number): Wait[] {
  const arrived = [pull(imageMb), started, healthy(plan)];
  return target === "ecs" ? [...trackedByEcs, ...arrived] : [...scaledByKubernetes(plan), ...arrived];
}

const trackedByEcs: readonly Wait[] = [
  { what: "CPU metrics of a minute, until the alarm acts", seconds: targetTracking.minute, from: roadmap2113 },
  { what: "task started", seconds: fargateStart, from: `${roadmap2113}: 386 s less 363 s` },
];

function scaledByKubernetes(plan: Plan): Wait[] {
  const scaler = inputs<Behaviour>(plan, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
  const window = scaler?.spec.behavior.scaleUp.stabilizationWindowSeconds ?? 0;
  return [
    { what: "metrics-server and HPA", seconds: 30, from: "their periods of 15 s each, Kubernetes documentation" },
    ...(window > 0 ? [{ what: "stabilization window", seconds: window, from: "plan" }] : []),
    {
      what: "node started, where no node has room",
      seconds: 45,
      most: 100,
      from: "Karpenter, pending to Ready: kube.fm 2026-02-17, devfloor9 2026-02-18, karpenter-provider-aws#6128, #3102",
    },
  ];
}

export const total = (waits: readonly Wait[]): Span => ({
  least: waits.reduce((sum, { seconds }) => sum + seconds, 0),
  most: waits.reduce((sum, { seconds, most }) => sum + (most ?? seconds), 0),
});

/** The same on ECS with metrics of 20 seconds. */
export const withFasterMetrics = ({ least, most }: Span): Span => {
  const saved = targetTracking.minute - targetTracking.twentySeconds;
  return { least: least - saved, most: most - saved };
};

/** As it is printed: one figure where both ends round to it. */
export function span({ least, most }: Span): string {
  const [from, to] = [least.toFixed(0), most.toFixed(0)];
  return from === to ? `${from} s` : `${from}-${to} s`;
}
