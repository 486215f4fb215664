import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Edge } from "./edge";

/** Where callers find the load balancer: under the name once that leads to it, under its own without one. */
export function publish(
  name: string,
  { domain, dualstack }: Pick<Edge, "domain" | "dualstack">,
  loadBalancer: aws.lb.LoadBalancer,
  inside: pulumi.ResourceOptions,
): pulumi.Output<string> {
  if (!domain) return pulumi.interpolate`http://${loadBalancer.dnsName}`;
  const alias = (recordName: string, type: "A" | "AAAA") =>
    new aws.route53.Record(
      recordName,
      {
        zoneId: domain.zoneId,
        name: domain.name,
        type,
        aliases: [{ name: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, evaluateTargetHealth: true }],
      },
      inside,
    );
  const records = [alias(name, "A"), ...(dualstack ? [alias(`${name}-ipv6`, "AAAA")] : [])];
  return pulumi.all(records.map(({ id }) => id)).apply(() => `https://${domain.name}`);
}
