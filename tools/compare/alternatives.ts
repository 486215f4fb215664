import { priceIn, type Rate, total } from "../../components/pricing";
import type { Evaluated, Target } from "./evaluated";

/** What a platform costs at a load, everything included. */
export interface Option {
  readonly name: string;
  readonly how: string;
  /** The platform of the program that it is. */
  readonly target?: Target;
  readonly isSpot?: boolean;
  readonly usd: (load: { replicas: number; requestsPerSecond: number }) => number;
}

/** As much memory as comes with one vCPU of Lambda. */
const lambdaMbPerVcpu = 1769;
const sageMakerVcpus = 4;

/** Each way of running the stack, and two that need no cluster at all. */
export function options({ ecs, eks }: Record<"ecs" | "eks", Evaluated>, rate: Rate, hours: number): Option[] {
  const plain = { onDemandBase: 0, onDemandWeight: 1, spotWeight: 0 };
  const spot = { onDemandBase: 0, onDemandWeight: 0, spotWeight: 1 };
  const own = (name: string, how: string, { priceable, target }: Evaluated, paid: typeof plain): Option => ({
    name,
    how,
    target,
    isSpot: paid === spot,
    usd: (load) => {
      const shares = { ecs: Number(target === "ecs"), eks: Number(target === "eks") };
      return total({ ...priceable, spot: paid }, { ...load, hours, shares });
    },
  });
  return [
    own("Fargate", "all tasks on demand", ecs, plain),
    own("Fargate Spot", "all tasks on Spot", ecs, spot),
    own("EKS", "all nodes on demand", eks, plain),
    own("EKS Spot", "the workload's nodes on Spot", eks, spot),
    lambda(ecs, rate, hours),
    sageMaker(ecs, rate, hours),
  ];
}

function lambda({ settings, spec }: Evaluated, { perVcpu }: Rate, hours: number): Option {
  const gbSeconds = lambdaMbPerVcpu / 1024 / perVcpu;
  const perRequest =
    gbSeconds * priceIn(settings.region, `lambda-${spec.architecture}`).value +
    priceIn(settings.region, "lambda-requests").value / 1e6;
  const how = `${gbSeconds.toFixed(3)} GB-s a request; no load balancer, no network, no cold starts counted`;
  return { name: "Lambda", how, usd: ({ requestsPerSecond }) => requestsPerSecond * 3600 * hours * perRequest };
}

function sageMaker({ settings, spec }: Evaluated, { perVcpu }: Rate, hours: number): Option {
  const hourly = priceIn(settings.region, "sagemaker-c7i-xlarge").value;
  const carries = (sageMakerVcpus * perVcpu * spec.scaling.cpuPercent) / 100;
  const how = "real-time, ml.c7i.xlarge, at least one instance; no load balancer, no network";
  const instances = (requestsPerSecond: number) => Math.max(1, Math.ceil(requestsPerSecond / carries));
  return { name: "SageMaker", how, usd: ({ requestsPerSecond }) => instances(requestsPerSecond) * hourly * hours };
}
