import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerApi } from "../../../components/aws/elb";
import type { Rollout } from "../../../components/core/rollout";
import { Gateway, type GatewayArgs } from "../../../components/gateway";
import { VariantRoute, type VariantRouteArgs } from "../../../components/route";
import { Traffic } from "../../../components/traffic";
import { offlineCloud } from "../../../tools/offline/cloud";
import { declared } from "./mock-cloud";
import type { PlanUnderTest } from "./plan-under-test";
import { workloadOf } from "./workloads";

/** Stands for the service of a variant. */
export const serving = "aws:cloudwatch/logGroup:LogGroup";

const notAsked = () => Promise.reject(new Error("the load balancer was asked"));

/** A preview asks nobody. */
const unread: LoadBalancerApi = {
  healthyTargets: notAsked,
  weights: notAsked,
  weightsOfRule: notAsked,
  setWeights: notAsked,
};

const noRollout: Rollout = {
  complete: notAsked,
  raise: notAsked,
  holdSeconds: 0,
  release: notAsked,
  explain: notAsked,
};

const inputs: GatewayArgs = {
  region: "eu-west-1",
  network: { vpcId: "vpc-1", gatewaySubnetIds: ["subnet-a", "subnet-b"] },
  container: { platformPaths: ["/metrics", "/ready", "/ping"], idleSeconds: 60 },
  ingressCidrs: ["0.0.0.0/0"],
  auth: {},
  waf: { mode: "off", requestsPerFiveMinutes: 2000, bodyMiB: 10 },
  internal: false,
  dualstack: false,
  accessLogDays: 0,
  logRetentionDays: 30,
  protect: false,
};

const registrableByUs = { replacementTrigger: "ecs", tags: { registrable: "by-us" } };

/** A gateway with a route for each of the variants, and traffic to all of them. */
export function gateway(
  weights: Readonly<Record<string, number>>,
  args: Partial<GatewayArgs> = {},
  cloud = offlineCloud("eu-west-1"),
  attachment: VariantRouteArgs["attachment"] = registrableByUs,
): Promise<PlanUnderTest> {
  const workloads = Object.entries(weights).map(([variant, weight]) => workloadOf(variant, { weight }));
  const { network } = inputs;
  return declared(() => {
    const { entrance, accessLogs } = new Gateway("inference", { ...inputs, ...args });
    const routes = workloads.map(
      (workload) => new VariantRoute(`inference-${workload.id}`, { workload, network, entrance, attachment }),
    );
    const deployments = workloads.map((workload) => ({
      workload,
      resource: new aws.cloudwatch.LogGroup(`${workload.id}-serves`),
      rollout: pulumi.output(noRollout),
      utilization: {},
      access: {},
    }));
    const { url, variants } = new Traffic("inference", { model: "main", entrance, routes, deployments, api: unread });
    const suffixes = routes.map(({ targetGroupArnSuffix, loadBalancerArnSuffix }) => {
      return { targetGroupArnSuffix, loadBalancerArnSuffix };
    });
    return { url, variants, ...(accessLogs && { accessLogs }), suffixes };
  }, cloud);
}
