import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerApi } from "../../../components/aws/elb";
import type { Rollout } from "../../../components/core/rollout";
import { serviceSpec } from "../../../components/core/service-spec";
import { Gateway, type GatewayArgs } from "../../../components/gateway";
import { Traffic } from "../../../components/traffic";
import { offlineCloud } from "../../../tools/offline/cloud";
import { declared } from "./mock-cloud";
import type { PlanUnderTest } from "./plan-under-test";
import { settingsOf } from "./settings";

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
  ingressCidrs: ["0.0.0.0/0"],
  spec: serviceSpec(settingsOf()),
  auth: {},
  waf: { mode: "off", requestsPerFiveMinutes: 2000, bodyMiB: 10 },
  internal: false,
  dualstack: false,
  accessLogDays: 0,
  protect: false,
  clusterName: "inference-dev",
  groupTags: { registrable: "by-us" },
};

/** A gateway with a route for each of the variants, and traffic to all of them. */
export function gateway(
  weights: Readonly<Record<string, number>>,
  args: Partial<GatewayArgs> = {},
  cloud = offlineCloud("eu-west-1"),
  targetOf = (name: string) => name,
): Promise<PlanUnderTest> {
  const variants = Object.entries(weights).map(([name, weight]) => ({ name, weight, target: targetOf(name) }));
  return declared(() => {
    const made = new Gateway("inference", { ...inputs, ...args });
    const routes = made.routes({ name: "main", variants });
    const running = variants.map(({ name }) => ({
      variant: name,
      resource: new aws.cloudwatch.LogGroup(`${name}-serves`),
      rollout: pulumi.output(noRollout),
      access: {},
    }));
    const traffic = new Traffic("inference", {
      model: "main",
      entrance: made.entrance,
      routes,
      services: [{ running }],
      spec: serviceSpec(settingsOf()),
      api: unread,
    });
    return { ...traffic.outputs, routes };
  }, cloud);
}
