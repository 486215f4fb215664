import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Domain } from "./args";
import { certificateFor } from "./certificate";

/** TLS 1.3 and 1.2 with forward secrecy, and a key exchange that holds against quantum computers. Left out, AWS takes one of 2016. */
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";
const oneYearSeconds = 31_536_000;

/** The answer to a request that no other rule forwards. */
export const notFound = {
  type: "fixed-response",
  fixedResponse: { statusCode: "404", contentType: "application/json", messageBody: '{"code":"not_found"}' },
};

/** The listener of all rules: HTTPS with a domain, HTTP without. With a domain, HTTP only redirects. */
export function createListener(
  name: string,
  loadBalancer: aws.lb.LoadBalancer,
  domain: Domain | undefined,
  inside: pulumi.CustomResourceOptions,
) {
  const http = (action: aws.types.input.lb.ListenerDefaultAction) =>
    new aws.lb.Listener(
      `${name}-http`,
      { loadBalancerArn: loadBalancer.arn, port: 80, protocol: "HTTP", defaultActions: [action] },
      inside,
    );
  if (!domain) return http(notFound);
  http({ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } });
  return new aws.lb.Listener(
    `${name}-https`,
    {
      loadBalancerArn: loadBalancer.arn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: tlsPolicy,
      certificateArn: certificateFor(name, domain, inside),
      routingHttpResponseStrictTransportSecurityHeaderValue: `max-age=${oneYearSeconds}`,
      defaultActions: [notFound],
    },
    inside,
  );
}
