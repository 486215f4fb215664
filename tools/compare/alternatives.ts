import { type Priceable, priceIn, type Rate, total } from "../../components/pricing";
import { type AwsTargetName, awsTargets, defaultTarget, type PerTarget, perTarget } from "../../components/targets";
import type { Evaluated } from "./evaluated";

/** A way to run the stack, with its full cost at a load. */
export interface Option {
  readonly name: string;
  readonly how: string;
  /** The target of the program, when it is one. */
  readonly target?: AwsTargetName;
  readonly isSpot?: boolean;
  readonly usd: (load: { replicas: number; requestsPerSecond: number }) => number;
}

/** The memory at which Lambda gives one vCPU. */
const lambdaMbPerVcpu = 1769;
const sageMakerVcpus = 4;

/** Each target on demand, on Spot and on CPUs with AMX, and two services without a cluster. */
export function options(each: PerTarget<Evaluated>, rate: Rate, hours: number): Option[] {
  const plain = { onDemandBase: 0, onDemandWeight: 1, spotWeight: 0 };
  const spot = { onDemandBase: 0, onDemandWeight: 0, spotWeight: 1 };
  const costing =
    ({ priceable, target }: Evaluated, chosen: Pick<Priceable, "spot" | "nodeCpu">): Option["usd"] =>
    (load) => {
      const shares = perTarget(({ name }) => Number(name === target));
      return total({ ...priceable, ...chosen }, { ...load, hours, shares });
    };
  const own = (on: Evaluated, paid: typeof plain): Option => ({
    ...(paid === spot ? on.profile.onSpot : on.profile.onDemand),
    target: on.target,
    isSpot: paid === spot,
    usd: costing(on, { spot: paid, nodeCpu: "any" }),
  });
  const onAmx = (on: Evaluated): Option[] =>
    on.profile.onAmx && on.spec.architecture === "x86_64"
      ? [{ ...on.profile.onAmx, usd: costing(on, { spot: plain, nodeCpu: "amx" }) }]
      : [];
  const basis = each[defaultTarget.name];
  return [
    ...awsTargets.flatMap(({ name }) => [own(each[name], plain), own(each[name], spot), ...onAmx(each[name])]),
    lambda(basis, rate, hours),
    sageMaker(basis, rate, hours),
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
