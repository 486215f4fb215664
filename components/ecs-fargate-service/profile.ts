import { fargateMemoryMiB } from "../core/fargate-sizes";
import type { DeclaredStack, Profile } from "../targets/profile";

/** Since 2025-09-30. */
const managed = "ECS Managed Instances has them, not built here";

const roadmap2113 = "AWS in containers-roadmap#2113, 2026-09-15";

/** From the load to the decision, with metrics of a minute and with those of 20 seconds. */
const targetTracking = { minute: 363, twentySeconds: 86 } as const;

export const profile: Profile = {
  onDemand: { name: "Fargate", how: "all tasks on demand" },
  onSpot: { name: "Fargate Spot", how: "all tasks on Spot" },
  facts,
  scaleOut: () => [
    { what: "CPU metrics of a minute, until the alarm acts", seconds: targetTracking.minute, from: roadmap2113 },
    // A task of a small image is placed and started in this time, whatever is pulled.
    { what: "task started", seconds: 23, from: `${roadmap2113}: 386 s less 363 s` },
  ],
  sooner: {
    seconds: targetTracking.minute - targetTracking.twentySeconds,
    how: "metrics of 20 s",
    reason: "not built: @pulumi/aws has no monitoring argument of ecs.Service",
    advice: (span) =>
      `ECS scales on CPU metrics of a minute here. On metrics of 20 seconds a further replica takes about ${span}; @pulumi/aws cannot set them yet.`,
  },
};

function facts({ resources }: DeclaredStack): ReturnType<Profile["facts"]> {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const [service] = ofType("aws:ecs/service:Service");
  const breaker = service?.inputs.deploymentCircuitBreaker as { rollback?: boolean } | undefined;
  const cpus = Object.keys(fargateMemoryMiB).map(Number);
  const gib = Math.max(...Object.values(fargateMemoryMiB).flat()) / 1024;
  return {
    portability: "AWS only; the image runs anywhere",
    ecosystem: "AWS services",
    // ECS Developer Guide, "AWS Fargate task maintenance": fargateTaskRetirementWaitPeriod.
    "version to keep up": "none; AWS retires tasks to patch Fargate, by default 7 days after a notice",
    "machines to patch": "none",
    "daemon sets": `none on Fargate; ${managed}`,
    scaling: `target tracking, policies: ${ofType("aws:appautoscaling/policy:Policy").length}`,
    "failed rollout": breaker?.rollback ? "reported and rolled back" : "reported",
    spot: "each task by base and weights",
    "a shell inside": "aws ecs execute-command, when exec is true",
    "largest replica": `${Math.max(...cpus) / 1024} vCPU, ${gib} GB`,
    GPU: `none on Fargate; ${managed}`,
  };
}
