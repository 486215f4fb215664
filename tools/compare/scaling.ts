import { type Inference, ourInference } from "../../components/pricing";
import type { AwsTargetName } from "../../components/targets";
import type { Wait } from "../../components/targets/profile";
import { ofType, type Plan } from "../offline";
import type { Evaluated } from "./evaluated";

export interface Span {
  readonly least: number;
  readonly most: number;
}

interface HealthCheck {
  readonly interval: number;
  readonly healthyThreshold: number;
}

function inputs<T>(plan: Plan, type: string): T | undefined {
  return ofType(plan, type)[0]?.inputs as T | undefined;
}

/** ECS places and starts a task with a small image in this time. */
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

const started = ({ startSeconds, startFrom }: Inference): Wait => ({
  what: "server ready",
  seconds: startSeconds,
  from: startFrom,
});

function healthy(plan: Plan): Wait {
  const check = inputs<{ healthCheck: HealthCheck }>(plan, "aws:lb/targetGroup:TargetGroup")?.healthCheck;
  const seconds = (check?.interval ?? 0) * (check?.healthyThreshold ?? 0);
  return { what: "load balancer's checks", seconds, from: "plan" };
}

/** The steps from too much load to the first answer of a further replica. */
export function scaleOut({ profile, plan, settings, priceable }: Evaluated, imageMb: number): Wait[] {
  const { resources } = plan;
  const server = started(priceable.inference ?? ourInference);
  return [...profile.scaleOut({ resources, settings }), pull(imageMb), server, healthy(plan)];
}

export const total = (waits: readonly Wait[]): Span => ({
  least: waits.reduce((sum, { seconds }) => sum + seconds, 0),
  most: waits.reduce((sum, { seconds, most }) => sum + (most ?? seconds), 0),
});

/** The time to a further replica with a feature that is not built, and the reason. */
export interface Sooner {
  readonly target: AwsTargetName;
  readonly how: string;
  readonly reason: string;
  readonly span: Span;
  readonly advice: string;
}

export function soonerOf(on: Evaluated, imageMb: number): Sooner[] {
  const { sooner } = on.profile;
  if (sooner === undefined) return [];
  const { least, most } = total(scaleOut(on, imageMb));
  const faster = { least: least - sooner.seconds, most: most - sooner.seconds };
  return [
    { target: on.target, how: sooner.how, reason: sooner.reason, span: faster, advice: sooner.advice(span(faster)) },
  ];
}

/** A range as text; one figure when both ends round to it. */
export function span({ least, most }: Span): string {
  const [from, to] = [least.toFixed(0), most.toFixed(0)];
  return from === to ? `${from} s` : `${from}-${to} s`;
}
