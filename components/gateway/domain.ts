import { setTimeout as sleep } from "node:timers/promises";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { GatewayArgs } from "./args";

/** The URL that callers use, once `serving` exists: the domain if there is one, the load balancer's own name if not. */
export function publish(
  name: string,
  { domain, dualstack }: Pick<GatewayArgs, "domain" | "dualstack">,
  loadBalancer: aws.lb.LoadBalancer,
  serving: pulumi.CustomResource,
  inside: pulumi.ResourceOptions,
): pulumi.Output<string> {
  if (!domain) return pulumi.all([loadBalancer.dnsName, serving.id]).apply(([dnsName]) => `http://${dnsName}`);
  const alias = (recordName: string, type: "A" | "AAAA") =>
    new aws.route53.Record(
      recordName,
      {
        zoneId: domain.zoneId,
        name: domain.name,
        type,
        aliases: [{ name: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, evaluateTargetHealth: true }],
      },
      { ...inside, dependsOn: serving, hooks: { afterUpdate: [awaitCaches()] } },
    );
  const records = [alias(name, "A"), ...(dualstack ? [alias(`${name}-ipv6`, "AAAA")] : [])];
  return pulumi.all(records.map(({ id }) => id)).apply(() => `https://${domain.name}`);
}

/** Resolvers keep an alias of a load balancer for 60 s: Route 53, "Choosing between alias and non-alias records". */
const cacheSeconds = 60;

/** Keeps the program running, so that Pulumi deletes the old load balancer only once no resolver returns it. */
export function awaitCaches(wait = (seconds: number) => sleep(seconds * 1000)): pulumi.ResourceHookFunction {
  return async ({ oldInputs, newInputs }) => {
    const [before, after] = [oldInputs, newInputs].map((inputs) => JSON.stringify(inputs?.aliases));
    if (before === after) return;
    await pulumi.log.info(`the domain now points to another load balancer; waiting ${cacheSeconds} s for DNS caches`);
    await wait(cacheSeconds);
  };
}
