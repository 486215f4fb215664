import { eksVersions } from "../core/eks-versions";
import { widestBounds } from "../core/schedule";
import type { DeclaredStack, Profile, Wait } from "../targets/profile";
import { capacityMix } from "./capacity";

export const profile: Profile = {
  onDemand: { name: "EKS", how: "all nodes on demand" },
  onSpot: { name: "EKS Spot", how: "the workload's nodes on Spot" },
  onAmx: { name: "EKS, AMX", how: "all nodes on demand, `eks.cpu: amx`; as many requests a vCPU as on any CPU" },
  facts,
  scaleOut,
  chooseFor: "Choose EKS if you need what only it has in the table Features: daemon sets, operators, other clouds.",
};

const ofType = ({ resources }: Pick<DeclaredStack, "resources">, type: string) =>
  resources.filter((resource) => resource.type === type);

function facts(stack: DeclaredStack): ReturnType<Profile["facts"]> {
  const kubernetes = stack.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const anywhere = kubernetes.filter(
    ({ type }) => !/^kubernetes:(eks\.amazonaws\.com|karpenter\.sh|secrets-store)/.test(type),
  );
  const { version, support } = stack.settings.eks;
  const requests = stack.settings.scaling.requestsPerMinutePerReplica === undefined ? 0 : 1;
  const until = eksVersions[version]?.[support === "STANDARD" ? "standardUntil" : "extendedUntil"];
  const [scaler] = ofType(stack, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
  const metrics = (scaler?.inputs.spec as { metrics: unknown[] } | undefined)?.metrics.length ?? 0;
  const [pool] = ofType(stack, "kubernetes:karpenter.sh/v1:NodePool");
  const accelerated = /"(g|p|inf|trn)"/.test(JSON.stringify(pool?.inputs.spec ?? {}));
  return {
    portability: `${anywhere.length} of ${kubernetes.length} objects run on any Kubernetes`,
    ecosystem: "Helm charts, operators, service meshes",
    "version to keep up": `Kubernetes ${version}${until === undefined ? "" : `: supported until ${until}`}`,
    "machines to patch": "none: Auto Mode replaces each node after 14 days, 21 at most",
    "daemon sets": "yes",
    scaling: `HPA, metrics: ${metrics + requests}`,
    "failed rollout": stack.settings.eks.rollback ? "reported and rolled back" : "reported; the old pods keep serving",
    spot: spotFact(stack.settings),
    "a shell inside": "kubectl exec",
    "largest replica": "the largest c, m or r machine; cpu and memory keep to Fargate's sizes",
    GPU: accelerated ? "in the pool" : "EKS offers them; this pool takes c, m and r",
  };
}

function spotFact({ eks, spot, replicas, schedule }: DeclaredStack["settings"]): string {
  if (eks.cluster) return "decided by the owner of the cluster";
  const { onDemandParts, parts } = capacityMix(spot, widestBounds(replicas, Object.values(schedule)));
  return `a share of the pods; here ${onDemandParts} of ${parts} on demand`;
}

interface Behaviour {
  readonly behavior: { readonly scaleUp: { readonly stabilizationWindowSeconds?: number } };
}

function scaleOut(stack: DeclaredStack): Wait[] {
  const [scaler] = ofType(stack, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
  const spec = scaler?.inputs.spec as Behaviour | undefined;
  const window = spec?.behavior.scaleUp.stabilizationWindowSeconds ?? 0;
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
