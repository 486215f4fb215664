import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Gateway, type GatewayArgs } from "../../components/gateway";
import type { LoadBalancerReader } from "../../components/load-balancer-reader";
import { serviceSpec } from "../../components/service-spec";
import { paperCloud } from "../../tools/offline/cloud";
import { declared } from "./mock-cloud";
import type { PlanUnderTest } from "./plan-under-test";
import { settingsOf } from "./settings";

/** Stands for the service of a variant. */
export const serving = "aws:cloudwatch/logGroup:LogGroup";

/** A reader that nobody may ask: a preview reads nothing. */
const unread: LoadBalancerReader = {
  healthyTargets: () => Promise.reject(new Error("the load balancer was asked")),
  weights: () => Promise.reject(new Error("the load balancer was asked")),
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
  reader: unread,
  groupTags: { registrable: "by-us" },
};

/** A gateway with a route for each of the variants, and traffic to all of them. */
export function gateway(
  weights: Readonly<Record<string, number>>,
  args: Partial<GatewayArgs> = {},
  cloud = paperCloud("eu-west-1"),
): Promise<PlanUnderTest> {
  const variants = Object.entries(weights).map(([name, weight]) => ({ name, weight, target: name }));
  return declared(() => {
    const made = new Gateway("inference", { ...inputs, ...args });
    const routes = made.routes({ name: "main", variants });
    const services = variants.map(({ name }) => ({
      variant: name,
      ready: pulumi.output(new aws.cloudwatch.LogGroup(`${name}-serves`)),
      found: {},
    }));
    return { ...made.traffic({ name: "main", variants }, services), routes };
  }, cloud);
}
