import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { listenerRules } from "../aws/elb";
import type { Problem } from "../core/problems";
import { blockSize, lastBlock } from "../core/rule-priority";
import type { Settings } from "../settings";
import type { Account } from "../targets/target";
import { ask } from "./ask";
import { isOpenToAll } from "./open-groups";
import type { Running } from "./running";

type Joined = NonNullable<Settings["gateway"]>;

/** A listener of somebody else, as it exists in the account. */
export interface FoundListener {
  readonly arn: string;
  readonly protocol: "HTTP" | "HTTPS";
  readonly port: number;
  readonly priority: number;
  readonly host?: string;
  readonly path?: string;
  /** Whether Route 53's health checkers reach the URL. */
  readonly isPublic: boolean;
  readonly loadBalancer: {
    readonly arnSuffix: string;
    readonly dnsName: string;
    readonly securityGroupIds: readonly string[];
    readonly subnetIds: readonly string[];
  };
}

interface ListenerAnswer {
  readonly listener?: FoundListener;
  readonly problems: readonly Problem[];
}

/** Finds the listener that `gateway` names, and checks that the stack's rules and replicas fit it. */
export async function findListener(settings: Settings, account: Account): Promise<ListenerAnswer> {
  const { gateway, region } = settings;
  const { running, opts, connection } = account;
  const moves = moveProblems(gateway, running);
  if (!gateway || moves.length > 0) return { problems: moves };
  const problem = (expected: string): Problem => ({ key: "gateway.listenerArn", value: gateway.listenerArn, expected });
  const elsewhere = await accountProblem(gateway, opts);
  if (elsewhere) return { problems: [problem(elsewhere)] };
  const found = await read(gateway, opts);
  if (!found) return { problems: [problem(`a listener that exists in ${region}`)] };
  const { vpcId, listener } = found;
  const wrongVpc =
    "vpcId" in settings.network && vpcId !== settings.network.vpcId
      ? [
          problem(
            `a listener of a load balancer in ${settings.network.vpcId}, the stack's VPC; this one is in ${vpcId}`,
          ),
        ]
      : [];
  const problems = [
    ...wrongVpc,
    ...plainHttpProblems(settings, found),
    ...idleProblems(settings, found),
    ...(await zoneProblems(listener, account)),
    // A preview does not load the SDK.
    ...(pulumi.runtime.isDryRun() || !running.isKnown
      ? []
      : priorityProblems(gateway, running, await rulesOf(connection, gateway.listenerArn))),
  ];
  return { listener, problems };
}

const wayToMove =
  "Callers would lose the URL: deploy a second stack, point callers to it, and run pulumi destroy for this one";

/** Refuses to move a running stack to another load balancer or listener. */
function moveProblems(gateway: Settings["gateway"], { loadBalancer, rules = [] }: Running): Problem[] {
  const key = "gateway.listenerArn";
  if (loadBalancer) {
    const expected = `no gateway: the running stack has a load balancer of its own. ${wayToMove}`;
    return gateway ? [{ key, value: gateway.listenerArn, expected }] : [];
  }
  const [current] = rules;
  if (!current || current.listenerArn === gateway?.listenerArn) return [];
  const expected = `${current.listenerArn}, the listener of the running stack. ${wayToMove}`;
  return [{ key, value: gateway?.listenerArn, expected }];
}

/** What is wrong with the account of the listener. */
async function accountProblem({ listenerArn }: Joined, opts: pulumi.InvokeOptions): Promise<string | undefined> {
  const { accountId } = await aws.getCallerIdentity({}, opts);
  return listenerArn.split(":")[4] === accountId ? undefined : `a listener in the account ${accountId}`;
}

interface Found {
  readonly vpcId: string;
  readonly internal: boolean;
  readonly idleTimeout: number;
  readonly listener: FoundListener;
}

async function read({ listenerArn: arn, ...scope }: Joined, opts: pulumi.InvokeOptions): Promise<Found | undefined> {
  const found = await ask(`the listener ${arn}`, aws.lb.getListener({ arn }, opts));
  if (!found) return undefined;
  const { loadBalancerArn, port } = found;
  const balancer = await ask(
    `the load balancer ${loadBalancerArn}`,
    aws.lb.getLoadBalancer({ arn: loadBalancerArn }, opts),
  );
  if (!balancer) return undefined;
  const { arnSuffix, dnsName, securityGroups, subnets, internal, vpcId, idleTimeout } = balancer;
  // A listener of an Application Load Balancer has one of the two.
  const protocol = found.protocol === "HTTPS" ? "HTTPS" : "HTTP";
  const isPublic =
    !internal && protocol === "HTTPS" && scope.host !== undefined && (await isOpenToAll(securityGroups, port, opts));
  const loadBalancer = { arnSuffix, dnsName, securityGroupIds: securityGroups, subnetIds: subnets };
  return { vpcId, internal, idleTimeout, listener: { ...scope, arn, protocol, port, isPublic, loadBalancer } };
}

type Confidential = Pick<Settings, "auth" | "apiKeys" | "protect" | "allowHttp">;

/** For a load balancer of the stack's own, the key `domain` decides on HTTPS. */
function plainHttpProblems(
  { auth, apiKeys, protect, allowHttp }: Confidential,
  { internal, listener: { protocol, arn } }: Found,
): Problem[] {
  if (protocol === "HTTPS") return [];
  const ways = Object.keys(auth);
  const overHttp = { key: "gateway.listenerArn", value: arn };
  return [
    ...(ways.length > 0
      ? [
          {
            key: "auth",
            value: ways,
            expected: "an HTTPS listener: the load balancer authenticates callers only there",
          },
        ]
      : []),
    ...(apiKeys !== "none" && !internal
      ? [{ ...overHttp, expected: "an HTTPS listener with apiKeys: over plain HTTP anyone on the path can read a key" }]
      : []),
    ...(protect && !allowHttp
      ? [{ ...overHttp, expected: "an HTTPS listener, because protect is true; or set allowHttp: true" }]
      : []),
  ];
}

/** A server that closes a connection before the load balancer does makes it answer 502: "HTTP 502: Bad gateway". */
function idleProblems({ container: { idleSeconds } }: Pick<Settings, "container">, { idleTimeout }: Found): Problem[] {
  if (idleSeconds >= idleTimeout) return [];
  const expected = `${idleTimeout} or more, the idle timeout of the load balancer: a server that closes a connection sooner causes 502`;
  return [{ key: "container.idleSeconds", value: idleSeconds, expected }];
}

/** Targets in a zone without a subnet of the load balancer get no requests: "Availability Zones and load balancer nodes". */
async function zoneProblems({ loadBalancer }: FoundListener, { place, opts }: Account): Promise<Problem[]> {
  const subnets = await Promise.all(
    loadBalancer.subnetIds.map((id) => ask(`the subnet ${id}`, aws.ec2.getSubnet({ id }, opts))),
  );
  const zones = subnets.flatMap((subnet) => subnet?.availabilityZone ?? []).sort();
  const { replicaZones } = await place;
  const unserved = [...new Set(replicaZones)].filter((zone) => !zones.includes(zone));
  if (unserved.length === 0) return [];
  const expected = `subnets in the zones of the load balancer (${zones.join(", ")}): in others replicas get no requests`;
  return [{ key: "network.privateSubnetIds", value: unserved, expected }];
}

async function rulesOf(connection: Account["connection"], arn: string) {
  return (await ask(`the rules of the listener ${arn}`, listenerRules(connection, arn))) ?? [];
}

/** Another service's rule within the block would make AWS refuse one of the stack's rules, now or with the next variant. */
export function priorityProblems(
  { priority }: Pick<Joined, "priority">,
  { rules: own = [] }: Pick<Running, "rules">,
  all: Awaited<ReturnType<typeof listenerRules>>,
): Problem[] {
  const taken = all.filter(({ arn }) => !own.some((rule) => rule.arn === arn)).map((rule) => rule.priority);
  const takenIn = (first: number) => taken.filter((each) => each >= first && each < first + blockSize);
  const inBlock = takenIn(priority).sort((a, b) => a - b);
  if (inBlock.length === 0) return [];
  const starts = Array.from({ length: Math.floor(lastBlock / blockSize) }, (_, index) => (index + 1) * blockSize);
  const free = starts.find((first) => takenIn(first).length === 0);
  const suggestion = free === undefined ? "" : `, such as ${free}`;
  const expected = `the first of ${blockSize} priorities without rules of other services${suggestion}; ${inBlock.join(", ")} in its block is taken`;
  return [{ key: "gateway.priority", value: priority, expected }];
}
