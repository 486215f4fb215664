import { measured } from "../../components/prices";
import { ofType, type Plan } from "../offline";
import type { Evaluated } from "./evaluated";
import type { Step } from "./first-url";

interface HealthCheck {
  readonly interval: number;
  readonly healthyThreshold: number;
}

interface Behaviour {
  readonly spec: { readonly behavior: { readonly scaleUp: { readonly stabilizationWindowSeconds: number } } };
}

function inputs<T>(plan: Plan, type: string): T | undefined {
  return ofType(plan, type)[0]?.inputs as T | undefined;
}

function healthy(plan: Plan): Step {
  const check = inputs<{ healthCheck: HealthCheck }>(plan, "aws:lb/targetGroup:TargetGroup")?.healthCheck;
  return { what: "load balancer's checks (plan)", seconds: (check?.interval ?? 0) * (check?.healthyThreshold ?? 0) };
}

const started: Step = { what: "server ready (measured)", seconds: measured.startSeconds.value };

/** From too much load to the first answer of a further replica, step by step; what is not the plan's is an estimate. */
export function scaleOut({ target, plan }: Evaluated): Step[] {
  if (target === "ecs") {
    return [
      { what: "three datapoints of a minute (AWS's rule)", seconds: 180 },
      { what: "task placed, image pulled (estimate)", seconds: 35 },
      started,
      healthy(plan),
    ];
  }
  const scaler = inputs<Behaviour>(plan, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
  return [
    { what: "metrics and scaler's period (estimate)", seconds: 30 },
    { what: "stabilization (plan)", seconds: scaler?.spec.behavior.scaleUp.stabilizationWindowSeconds ?? 0 },
    { what: "node started (estimate)", seconds: 45 },
    { what: "image pulled (estimate)", seconds: 15 },
    started,
    healthy(plan),
  ];
}

export const total = (steps: readonly Step[]) => steps.reduce((sum, { seconds }) => sum + seconds, 0);
