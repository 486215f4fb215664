import { eksVersions } from "../../components/core/eks-versions";
import { fargateMemoryMiB } from "../../components/core/fargate-sizes";
import { ofType } from "../offline";
import type { Evaluated } from "./evaluated";

/** One question about both platforms, and how its answer is known. */
export interface Row {
  readonly about: string;
  readonly ecs: string;
  readonly eks: string;
  readonly known: "plan" | "settings" | "documentation";
}

interface Both {
  readonly ecs: Evaluated;
  readonly eks: Evaluated;
}

/** Since 2025-09-30. */
const managed = "ECS Managed Instances has them, not built here";

const own = ({ priceable, target }: Evaluated) =>
  priceable.declared.filter(({ side, type }) => side === target && !/^(pulumi|inference):/.test(type));

export function matrix(both: Both): Row[] {
  return [...work(both), ...running(both), ...reach(both)];
}

function work({ ecs, eks }: Both): Row[] {
  const kubernetes = eks.plan.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const anywhere = kubernetes.filter(
    ({ type }) => !/^kubernetes:(eks\.amazonaws\.com|karpenter\.sh|secrets-store)/.test(type),
  );
  const { version, support } = eks.settings.eks;
  const until = eksVersions[version]?.[support === "STANDARD" ? "standardUntil" : "extendedUntil"];
  return [
    { about: "resources of its own", ecs: `${own(ecs).length}`, eks: `${own(eks).length}`, known: "plan" },
    {
      about: "portability",
      ecs: "AWS only; the image runs anywhere",
      eks: `${anywhere.length} of ${kubernetes.length} objects run on any Kubernetes`,
      known: "plan",
    },
    { about: "ecosystem", ecs: "AWS services", eks: "Helm charts, operators, service meshes", known: "documentation" },
    {
      about: "version to keep up",
      // ECS Developer Guide, "AWS Fargate task maintenance": fargateTaskRetirementWaitPeriod.
      ecs: "none; AWS retires tasks to patch Fargate, by default 7 days after a notice",
      eks: `Kubernetes ${version}${until === undefined ? "" : `: supported until ${until}`}`,
      known: "settings",
    },
    {
      about: "machines to patch",
      ecs: "none",
      eks: "none: Auto Mode replaces each node after 14 days, 21 at most",
      known: "documentation",
    },
    { about: "daemon sets", ecs: `none on Fargate; ${managed}`, eks: "yes", known: "documentation" },
  ];
}

function running({ ecs, eks }: Both): Row[] {
  const measures = ofType(ecs.plan, "aws:appautoscaling/policy:Policy").length;
  const [scaler] = ofType(eks.plan, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
  const metrics = (scaler?.inputs.spec as { metrics: unknown[] } | undefined)?.metrics.length ?? 0;
  const [service] = ofType(ecs.plan, "aws:ecs/service:Service");
  const breaker = service?.inputs.deploymentCircuitBreaker as { rollback?: boolean } | undefined;
  const windows = Object.keys(ecs.settings.schedule).length;
  return [
    { about: "scaling", ecs: `target tracking, policies: ${measures}`, eks: `HPA, metrics: ${metrics}`, known: "plan" },
    { about: "scaling by the clock", ecs: `yes; windows: ${windows}`, eks: "no", known: "settings" },
    {
      about: "failed rollout",
      ecs: breaker?.rollback ? "reported and rolled back" : "reported",
      eks: "reported; the old pods keep serving",
      known: "plan",
    },
    {
      about: "blue/green, A/B",
      ecs: "weights of the load balancer",
      eks: "weights of the load balancer",
      known: "plan",
    },
    {
      about: "spot",
      ecs: "each task by base and weights",
      eks: "all nodes, Spot first",
      known: "plan",
    },
    { about: "alarms", ecs: alarms(ecs), eks: alarms(eks), known: "plan" },
    {
      about: "a shell inside",
      ecs: "aws ecs execute-command, when exec is true",
      eks: "kubectl exec",
      known: "documentation",
    },
  ];
}

const alarms = ({ plan }: Evaluated) => `${ofType(plan, "aws:cloudwatch/metricAlarm:MetricAlarm").length}`;

function reach({ ecs, eks }: Both): Row[] {
  const cpus = Object.keys(fargateMemoryMiB).map(Number);
  const gib = Math.max(...Object.values(fargateMemoryMiB).flat()) / 1024;
  const [pool] = ofType(eks.plan, "kubernetes:karpenter.sh/v1:NodePool");
  const accelerated = /"(g|p|inf|trn)"/.test(JSON.stringify(pool?.inputs.spec ?? {}));
  const { max } = ecs.settings.replicas;
  return [
    {
      about: "largest replica",
      ecs: `${Math.max(...cpus) / 1024} vCPU, ${gib} GB`,
      eks: "the largest c, m or r machine; cpu and memory keep to Fargate's sizes",
      known: "settings",
    },
    { about: "replicas", ecs: `up to ${max}`, eks: `up to ${max}`, known: "settings" },
    {
      about: "GPU",
      ecs: `none on Fargate; ${managed}`,
      eks: accelerated ? "in the pool" : "EKS offers them; this pool takes c, m and r",
      known: "plan",
    },
  ];
}
