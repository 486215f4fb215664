import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { RuleAction } from "../core/entrance";
import type { GatewayArgs } from "./args";

/** The actions that authenticate callers; every rule that forwards starts with them. */
export function createAuthentication(
  { auth }: Pick<GatewayArgs, "auth">,
  inside: pulumi.ResourceOptions,
): readonly RuleAction[] {
  const { jwt, oidc } = auth;
  if (!jwt && !oidc) return [];
  return [...(jwt ? [validateJwt(jwt)] : []), ...(oidc ? [authenticate(oidc, inside)] : [])];
}

/** With several actions AWS requires an order for each. */
export const inOrder = (actions: readonly RuleAction[]): RuleAction[] =>
  actions.length > 1 ? actions.map((action, index) => ({ ...action, order: index + 1 })) : [...actions];

/** The load balancer itself fetches keys and tokens, from addresses that only the provider knows. */
export function openIdentityProvider(
  name: string,
  { auth }: Pick<GatewayArgs, "auth">,
  securityGroup: aws.ec2.SecurityGroup,
  inside: pulumi.ResourceOptions,
): void {
  if (Object.keys(auth).length === 0) return;
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-identity-provider`,
    {
      securityGroupId: securityGroup.id,
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      description: "Identity provider",
    },
    inside,
  );
}

/** Requires a valid token in the header authorization; otherwise the load balancer responds 401. */
function validateJwt({ issuer, jwksUri, claims }: NonNullable<GatewayArgs["auth"]["jwt"]>): RuleAction {
  const additionalClaims = Object.entries(claims).map(([name, { format, values }]) => ({
    name,
    format,
    values: [...values],
  }));
  return { type: "jwt-validation", jwtValidation: { issuer, jwksEndpoint: jwksUri, additionalClaims } };
}

/** A browser is sent to the provider and comes back with a session. */
function authenticate(
  { clientSecretArn, sessionSeconds, ...oidc }: NonNullable<GatewayArgs["auth"]["oidc"]>,
  inside: pulumi.ResourceOptions,
): RuleAction {
  const { secretString } = aws.secretsmanager.getSecretVersionOutput({ secretId: clientSecretArn }, inside);
  return {
    type: "authenticate-oidc",
    authenticateOidc: { ...oidc, clientSecret: pulumi.secret(secretString), sessionTimeout: sessionSeconds },
  };
}
