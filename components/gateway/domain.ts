import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Domain } from "./edge";

/** Where callers find the load balancer: under the name once that leads to it, under its own without one. */
export function publish(
  name: string,
  domain: Domain | undefined,
  loadBalancer: aws.lb.LoadBalancer,
  inside: pulumi.ResourceOptions,
): pulumi.Output<string> {
  if (!domain) return pulumi.interpolate`http://${loadBalancer.dnsName}`;
  const record = new aws.route53.Record(
    name,
    {
      zoneId: domain.zoneId,
      name: domain.name,
      type: "A",
      aliases: [{ name: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, evaluateTargetHealth: true }],
    },
    inside,
  );
  return record.id.apply(() => `https://${domain.name}`);
}
