import * as pulumi from "@pulumi/pulumi";
import { Observability, RouteAlarms } from "../../../components/monitoring";
import { targetNamed } from "../../../components/targets";
import { declared } from "./mock-cloud";
import { settingsOf } from "./settings";

export interface MonitoredVariant {
  readonly name: string;
  readonly target: string;
  readonly weight: number;
}

const metric = (name: string) => ({ namespace: "Platform", metric: name, dimensions: { Service: "s" } });
const utilization = { replicas: metric("replicas"), cpuPercent: metric("cpu"), memoryPercent: metric("memory") };

/** Everything that the two components of components/monitoring declare for these variants. */
export function monitored(
  own: Readonly<Record<string, unknown>>,
  variants: readonly MonitoredVariant[],
  certificateArn?: string,
) {
  const settings = settingsOf(own);
  const alarmsOf = ({ name, target, weight }: MonitoredVariant) => {
    const schedule = targetNamed(target)?.capabilities.schedule ? settings.schedule : {};
    const route = {
      workload: {
        id: name,
        variant: name,
        target,
        weight,
        spec: {
          paths: { readiness: "/ready", liveness: "/health" },
          logFormat: "ours" as const,
          replicas: settings.replicas,
          schedule,
        },
      },
      targetGroupArnSuffix: `targetgroup/${name}/1`,
      loadBalancerArnSuffix: "app/inference/2",
    };
    return new RouteAlarms(`inference-${name}`, { route, thresholds: settings.alarms });
  };
  return declared(() => {
    const routeAlarms = variants.map(alarmsOf);
    const platforms = variants.map(({ name, target }) => {
      const resource = new pulumi.ComponentResource("test:index:Service", name);
      return { target, deployments: [{ workload: { id: name }, resource, utilization }] };
    });
    const url = pulumi.output("http://example.com");
    new Observability("inference", { routeAlarms, platforms, url, certificateArn, settings });
  });
}
