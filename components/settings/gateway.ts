import { containerOf } from "../core/container";
import { hostName } from "../core/host-names";
import type { Problem } from "../core/problems";
import { blockSize, lastBlock } from "../core/rule-priority";
import { type Note, runsOnAws } from "../targets";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { emptyAsUndefined, integer, object, optional, text } from "./schema";

const listenerArn =
  /^arn:aws:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener\/app\/[0-9A-Za-z-]{1,32}\/[0-9a-f]{16}\/[0-9a-f]{16}$/;

/** A path pattern has at most 128 characters (API_CreateRule), and the longest path below it is /metrics. */
const longestPath = 100;

/** The first block of a listener is left to its owner, who often counts from 1. */
const firstPriority = blockSize;

const sharedListener = object(
  {
    listenerArn: text("the arn of a listener of an Application Load Balancer", (value) => listenerArn.test(value)),
    priority: integer(1, lastBlock),
    host: optional(text("a host name such as api.example.com, in lower case", (value) => hostName.test(value))),
    path: optional(
      text(
        `a path such as /models/cats, without a / at the end, of at most ${longestPath} characters`,
        (value) => value.length <= longestPath && /^(\/[0-9A-Za-z._~-]+)+$/.test(value),
      ),
    ),
  },
  { priority: firstPriority },
);

export const gatewayKeys = {
  gateway: entry({
    schema: emptyAsUndefined(sharedListener),
    fallback: {},
    text: `Puts the stack behind a listener (\`listenerArn\`) that other services share, in place of a load balancer of its own: docs/architecture.md, "Join what exists". Requests to \`host\`, or below \`path\`, or both, reach the stack. The stack's rules take ${blockSize} priorities from \`priority\` on. The listener, its default action and the rules of others stay as they are, also when the stack is destroyed. A running stack stays on its listener.`,
    example: {
      gateway: {
        listenerArn:
          "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/shared/0123456789abcdef/0123456789abcdef",
        priority: 3000,
        host: "cats.example.com",
      },
      network: {
        vpcId: "vpc-0123abcd",
        publicSubnetIds: [],
        privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
      },
    },
  }),
};

/** A rule holds five condition values: "Quotas for your Application Load Balancers". The host is one. */
const mostPlatformPaths = 4;

export const gatewayRules = [
  whenValid({
    key: "gateway",
    fact: "`host` or `path` is given: without one, the rules would take the requests to every service behind the listener.",
    reads: ["target", "gateway"],
    problems: scopeProblems,
  }),
  whenValid({
    key: "gateway",
    fact: "The listener is in the stack's region.",
    reads: ["target", "gateway"],
    problems: regionProblems,
  }),
  whenValid({
    key: "gateway",
    fact: "Needs the `vpcId` and the private subnets of the load balancer's VPC under `network`.",
    reads: ["target", "gateway", "network"],
    problems: placeProblems,
  }),
  whenValid({
    key: "container",
    fact: `With \`gateway.host\` at most ${mostPlatformPaths} \`platformPaths\`: the host is one of the five values that a rule of AWS holds.`,
    reads: ["target", "gateway", "container"],
    problems: platformPathProblems,
  }),
  whenValid({
    key: "auth",
    fact: "`oidc` excludes `gateway.path`: a sign-in returns to `/oauth2/idpresponse` of the host, which no rule of the stack matches.",
    reads: ["target", "gateway", "auth"],
    problems: signInProblems,
  }),
];

type Written = Pick<Values, "target" | "gateway">;

/** The listener that a stack on AWS joins. */
export const joinedListener = ({ target, gateway }: Written): Values["gateway"] =>
  runsOnAws(target) ? gateway : undefined;

function scopeProblems(written: Written): Problem[] {
  const gateway = joinedListener(written);
  if (!gateway || gateway.host !== undefined || gateway.path !== undefined) return [];
  const expected = "a host or a path (gateway.path): the rules match the requests to this service only";
  return [{ key: "gateway.host", value: undefined, expected }];
}

function regionProblems(written: Written, region: string): Problem[] {
  const gateway = joinedListener(written);
  if (!gateway || !region || gateway.listenerArn.split(":")[3] === region) return [];
  return [{ key: "gateway.listenerArn", value: gateway.listenerArn, expected: `a listener in ${region}` }];
}

/** A load balancer reaches replicas in its own VPC. */
function placeProblems({ network, ...written }: Written & Pick<Values, "network">): Problem[] {
  if (!joinedListener(written) || "vpcId" in network) return [];
  const expected = "the vpcId and the private subnets of the VPC of the load balancer that gateway.listenerArn names";
  return [{ key: "network", value: network, expected }];
}

function platformPathProblems({ container, ...written }: Written & Pick<Values, "container">): Problem[] {
  const { platformPaths } = containerOf(container);
  if (joinedListener(written)?.host === undefined || platformPaths.length <= mostPlatformPaths) return [];
  const expected = `at most ${mostPlatformPaths} paths with gateway.host: a rule of AWS holds five values`;
  return [{ key: "container.platformPaths", value: platformPaths, expected }];
}

function signInProblems({ auth, ...written }: Written & Pick<Values, "auth">): Problem[] {
  const path = joinedListener(written)?.path;
  if (path === undefined || !auth.oidc) return [];
  const expected =
    "a host alone with auth.oidc: a sign-in returns to /oauth2/idpresponse of the host, outside the path";
  return [{ key: "gateway.path", value: path, expected }];
}

/** What the owner of a shared load balancer decides. */
export function listenerNotes(values: Values): Note[] {
  const gateway = joinedListener(values);
  if (!gateway) return [];
  const { domain, dualstack, internal, accessLogDays, ingressCidrs, waf, auth, container } = values;
  const set = { domain: domain !== undefined, dualstack, internal, accessLogDays: accessLogDays > 0 };
  const unused = Object.entries(set).flatMap(([key, isSet]) => (isSet ? [key] : []));
  return [
    {
      applies: unused.length > 0,
      text: `kept and ignored with gateway: ${unused.join(", ")}. The owner of the load balancer decides`,
    },
    {
      applies: ingressCidrs.length > 0,
      text: "ingressCidrs is kept and ignored with gateway: the load balancer's security groups decide who may call",
      warns: true,
    },
    {
      applies: waf.mode !== "off",
      text: "waf is kept and ignored with gateway: requests pass the web ACL of the load balancer's owner, if there is one",
      warns: true,
    },
    {
      applies: gateway.path !== undefined && container.preset !== "ours",
      text: `gateway.path: the load balancer forwards ${gateway.path}/… as it is, so the container must answer under ${gateway.path}`,
    },
    {
      applies: Object.keys(auth).length > 0,
      text: "auth with gateway: the load balancer's security groups must let it call the identity provider on port 443. The program does not open them",
    },
    {
      applies: true,
      text: "gateway: no alarm on the load balancer itself, whose errors are also those of other services, and no price of its hours and addresses",
    },
  ];
}
