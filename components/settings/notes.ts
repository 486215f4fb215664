import { keys, type Values } from "./keys";
import { usesEks } from "./model";

/** https://docs.aws.amazon.com/eks/latest/userguide/create-auto.html names them without a date. */
const withoutAutoMode = ["ap-southeast-7", "mx-central-1"];

/** Settings that do not apply to the target. They stay in the file, so that a flip changes one key. */
export function notes(values: Values, region: string): string[] {
  const { target, weights, schedule, scaling, eks, internalCallers, domain, allowHttp, auth, apiKeys, insights, spot } =
    values;
  const { modelUri, modelKmsKeyArn } = values;
  const evenly = keys.weights.fallback as Values["weights"];
  const weighted = weights.ecs !== evenly.ecs || weights.eks !== evenly.eks;
  const ownsCluster = usesEks(values) && eks.cluster === undefined;
  const said = [
    {
      applies: modelKmsKeyArn !== "none" && modelUri === "bundled",
      note: "modelKmsKeyArn is kept and ignored while the model is bundled",
    },
    { applies: weighted && target !== "both", note: `weights are kept and ignored while target is ${target}` },
    {
      applies: domain !== undefined && allowHttp,
      note: "allowHttp is kept and ignored: with a domain, HTTP only redirects to HTTPS",
    },
    {
      applies: auth.jwt !== undefined && !("aud" in auth.jwt.claims),
      note: "auth.jwt.claims names no aud: the load balancer accepts every token of the issuer, also those for other services",
    },
    {
      applies: internalCallers.length > 0 && Object.keys(auth).length > 0,
      note: "internalCallers bypass the load balancer, so auth does not apply to them; only apiKeys does",
    },
    {
      applies: target === "local" && (domain !== undefined || Object.keys(auth).length > 0 || apiKeys !== "none"),
      note: "domain, auth and apiKeys do not apply to local: anyone on this machine can call",
    },
    {
      applies: usesEks(values) && Object.keys(schedule).length > 0,
      note: "schedule applies to ECS only: on EKS the replicas keep their usual bounds",
    },
    {
      applies: usesEks(values) && internalCallers.length > 0,
      note: "internalCallers applies to ECS only: on EKS, namespaces with the label inference/caller: allowed may call",
    },
    {
      applies: ownsCluster && spot.spotWeight > 0 && (spot.onDemandBase > 0 || spot.onDemandWeight > 0),
      note: "spot: on EKS any spotWeight lets all pods run on Spot nodes; onDemandBase and onDemandWeight apply to ECS only",
    },
    {
      applies: usesEks(values) && values.internal,
      note: "internal: on EKS every address of the private subnets may reach the pods, because the load balancer is one of them",
    },
    {
      applies: ownsCluster && withoutAutoMode.includes(region),
      note: `EKS Auto Mode was not offered in ${region} in the AWS documentation of 2026-11: check it before the first deployment`,
    },
    {
      applies: usesEks(values) && eks.cluster !== undefined,
      note: "eks.cluster stays as it is: the other keys of eks, spot and insights do not apply to it",
    },
    {
      applies: usesEks(values) && eks.cluster === undefined && insights === "off",
      note: "insights is off: on EKS there are no alarms on CPU and memory, no charts of them, and npm run rightsize has no figures",
    },
    {
      applies: usesEks(values) && scaling.requestsPerMinutePerReplica !== undefined,
      note: "scaling.requestsPerMinutePerReplica applies to ECS only: EKS scales on CPU and memory",
    },
  ];
  return said.filter(({ applies }) => applies).map(({ note }) => note);
}
