import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Account, Held } from "../../fakes/account";
import { lastPart } from "../../fakes/aws-shapes";
import { isRecord, recordsIn, stringsIn } from "../../fakes/values";
import { answerKubernetes } from "./kubernetes-api";

const scalableTarget = "aws:appautoscaling/target:Target";
const services = (account: Account) => account.of("aws:ecs/service:Service");

/** ECS says in an event that an alarm ended a deployment; which one it says only of the deployment itself. */
function told(failure: Held["failure"]) {
  const { reason = "" } = failure ?? {};
  const [, message = reason, alarm] = reason.match(/^(.*alarm detected): (\S+)$/) ?? [];
  return { message, alarm };
}

/** A service as ECS describes it: after a failed deployment it runs what it ran before. */
function describeService({ id, inputs, failure }: Held) {
  const { desiredCount = 1, taskDefinition, name } = inputs;
  const neverRan = failure?.op === "create";
  const runningCount = neverRan ? 0 : desiredCount;
  return {
    serviceArn: id,
    serviceName: name,
    status: "ACTIVE",
    taskDefinition,
    desiredCount,
    runningCount,
    events: [told(failure)].flatMap(({ message }) => (message === "" ? [] : [{ id: "1", createdAt: 0, message }])),
    deployments: [{ status: "PRIMARY", taskDefinition, rolloutState: neverRan ? "FAILED" : "COMPLETED" }],
  };
}

/** There is one deployment of each service to tell of, and it goes by the service's name. */
function describeDeployments(account: Account, names: readonly string[]): unknown {
  const asked = services(account).filter(({ inputs }) => names.includes(String(inputs.name)));
  return {
    serviceDeployments: asked.map(({ inputs, failure }) => {
      const { alarm } = told(failure);
      return { serviceDeploymentArn: inputs.name, createdAt: 0, alarms: { triggeredAlarmNames: alarm ? [alarm] : [] } };
    }),
  };
}

function answerEcs(account: Account, action: string, body: string): unknown {
  if (action === "UpdateService") return updateService(account, JSON.parse(body));
  if (action === "ListServiceDeployments") return describeDeployments(account, [JSON.parse(body).service]);
  if (action === "DescribeServiceDeployments")
    return describeDeployments(account, JSON.parse(body).serviceDeploymentArns);
  if (action !== "DescribeServices") return { taskArns: [] };
  const { cluster, services: names } = JSON.parse(body) as { cluster: string; services: string[] };
  const found = services(account).filter(
    ({ inputs }) => lastPart(inputs.cluster) === lastPart(cluster) && names.includes(String(inputs.name)),
  );
  return { services: found.map(describeService), failures: [] };
}

const registryFile = (account: Account) => join(account.folder, "registry-url");

/** What ECR lets its users sign in to a registry with. */
export const registryToken = Buffer.from("AWS:fake").toString("base64");

/** The registry that answers in place of the account's own. */
export function setRegistry(account: Account, url: string): void {
  writeFileSync(registryFile(account), url);
}

interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

/** Images stay when the program moves on, so those of every build are there. */
function answerEcr(account: Account, action: string, body: string): unknown {
  if (action === "GetAuthorizationToken") {
    const proxyEndpoint = readFileSync(registryFile(account), "utf8");
    return { authorizationData: [{ authorizationToken: registryToken, proxyEndpoint }] };
  }
  if (action === "GetLifecyclePolicy") return { __type: "LifecyclePolicyNotFoundException" };
  if (action !== "DescribeImages") return { __type: "UnknownOperationException" };
  const { repositoryName, imageIds } = JSON.parse(body) as { repositoryName: string; imageIds: ImageId[] };
  // What a stack pins is there, whoever pushed it.
  if (imageIds.every(({ imageDigest }) => imageDigest !== undefined)) return { imageDetails: imageIds };
  const tags = account.of("docker-build:index:Image").flatMap(({ inputs }) => stringsIn(inputs.tags));
  const found = imageIds.filter(({ imageTag }) => tags.some((tag) => tag.endsWith(`/${repositoryName}:${imageTag}`)));
  return found.length > 0 ? { imageDetails: found } : { __type: "ImageNotFoundException" };
}

const isRefusal = (answer: unknown) => isRecord(answer) && "__type" in answer;

interface Told {
  readonly cluster: string;
  readonly service: string;
  readonly desiredCount: number;
}

function updateService(account: Account, { cluster, service, desiredCount }: Told): unknown {
  const found = services(account).find(
    ({ inputs }) => lastPart(inputs.cluster) === lastPart(cluster) && inputs.name === service,
  );
  if (found) account.drift(found.urn, { desiredCount });
  return { service: found && describeService(found) };
}

const clamped = (count: number, { MinCapacity, MaxCapacity }: Limits) =>
  Math.min(Math.max(count, MinCapacity), MaxCapacity);

interface Limits {
  readonly ResourceId: string;
  readonly MinCapacity: number;
  readonly MaxCapacity: number;
}

/** Registering moves the number of tasks inside the bounds at once (API reference, RegisterScalableTarget). */
function register(account: Account, limits: Limits): unknown {
  const { ResourceId, MinCapacity, MaxCapacity } = limits;
  const found = account.of(scalableTarget).find(({ inputs }) => inputs.resourceId === ResourceId);
  if (!found) return { __type: "ValidationException", message: `ECS service doesn't exist: ${ResourceId}` };
  if (MinCapacity > MaxCapacity) return { __type: "ValidationException", message: "MinCapacity above MaxCapacity" };
  account.drift(found.urn, { minCapacity: MinCapacity, maxCapacity: MaxCapacity });
  for (const { urn, inputs } of services(account)) {
    if (ResourceId !== `service/${lastPart(inputs.cluster)}/${inputs.name}`) continue;
    account.drift(urn, { desiredCount: clamped(Number(inputs.desiredCount ?? 1), limits) });
  }
  return {};
}

/** What a scheduled action does when its moment comes, of every scalable target. */
export function setScheduledBounds(account: Account, MinCapacity: number, MaxCapacity: number): void {
  for (const { inputs } of account.of(scalableTarget)) {
    register(account, { ResourceId: String(inputs.resourceId), MinCapacity, MaxCapacity });
  }
}

function answerScaling(account: Account, action: string, body: string): unknown {
  if (action === "RegisterScalableTarget") return register(account, JSON.parse(body));
  const { ResourceIds } = JSON.parse(body) as { ResourceIds: string[] };
  const found = account.of(scalableTarget).filter(({ inputs }) => ResourceIds.includes(String(inputs.resourceId)));
  return {
    ScalableTargets: found.map(({ inputs }) => ({
      ServiceNamespace: inputs.serviceNamespace,
      ScalableDimension: inputs.scalableDimension,
      ResourceId: inputs.resourceId,
      MinCapacity: inputs.minCapacity,
      MaxCapacity: inputs.maxCapacity,
    })),
  };
}

const capsFile = (account: Account) => join(account.folder, "healthy-at-most.json");

/** Part of a target group's arn -> targets of it that are healthy at most: a rollout that has come so far. */
export function capHealth(account: Account, caps: Readonly<Record<string, number>>): void {
  writeFileSync(capsFile(account), JSON.stringify(caps));
}

function capOf(account: Account, group: string): number {
  if (!existsSync(capsFile(account))) return Number.POSITIVE_INFINITY;
  const caps = Object.entries(JSON.parse(readFileSync(capsFile(account), "utf8")) as Record<string, number>);
  return caps.find(([part]) => group.includes(part))?.[1] ?? Number.POSITIVE_INFINITY;
}

/** Of either controller. */
const bindings = ["kubernetes:eks.amazonaws.com/v1", "kubernetes:elbv2.k8s.aws/v1beta1"].map(
  (group) => `${group}:TargetGroupBinding`,
);

/** Targets of a group: tasks of the service that names it, pods of the deployment beside its binding. */
export function healthyBehind(account: Account, group: string): number {
  const tasks = services(account)
    .filter(({ inputs, failure }) => failure?.op !== "create" && stringsIn(inputs.loadBalancers).includes(group))
    .map(({ inputs }) => Number(inputs.desiredCount ?? 1));
  const bound = bindings
    .flatMap((type) => account.of(type))
    .filter(({ inputs }) => stringsIn(inputs.spec).includes(group))
    .map(({ name }) => name);
  const pods = account
    .of("kubernetes:apps/v1:Deployment")
    .filter(({ name, failure }) => bound.includes(name) && failure?.op !== "create")
    .map(({ inputs }) => Number((inputs.spec as { replicas?: number }).replicas ?? 1));
  const all = [...tasks, ...pods].reduce((sum, count) => sum + count, 0);
  return Math.min(all, capOf(account, group));
}

function describeHealth(account: Account, form: URLSearchParams): string {
  const healthy = healthyBehind(account, form.get("TargetGroupArn") ?? "");
  const members = Array.from(
    { length: healthy },
    (_, index) =>
      `<member><Target><Id>10.0.0.${index + 4}</Id></Target><TargetHealth><State>healthy</State></TargetHealth></member>`,
  );
  return `<TargetHealthDescriptions>${members.join("")}</TargetHealthDescriptions>`;
}

const ruleType = "aws:lb/listenerRule:ListenerRule";

interface Forward {
  readonly targetGroups?: unknown;
}

function describeAction({ type, forward, authenticateOidc }: Record<string, unknown>): string {
  const groups = recordsIn((forward as Forward | undefined)?.targetGroups).map(
    ({ arn, weight }) => `<member><TargetGroupArn>${arn}</TargetGroupArn><Weight>${weight}</Weight></member>`,
  );
  const config = forward ? `<ForwardConfig><TargetGroups>${groups.join("")}</TargetGroups></ForwardConfig>` : "";
  // The client secret is never told.
  const oidc = authenticateOidc ? "<AuthenticateOidcConfig><ClientId>client</ClientId></AuthenticateOidcConfig>" : "";
  return `<member><Type>${type}</Type>${config}${oidc}</member>`;
}

function describeRules(account: Account, form: URLSearchParams): string {
  const arn = form.get("RuleArns.member.1");
  const rules = account
    .of(ruleType)
    .filter(({ id, inputs }) => (arn === null ? inputs.listenerArn === form.get("ListenerArn") : id === arn))
    .map(({ id, inputs }) => {
      const actions = recordsIn(inputs.actions).map(describeAction).join("");
      return `<member><RuleArn>${id}</RuleArn><Priority>${inputs.priority}</Priority><Actions>${actions}</Actions></member>`;
    });
  return `<Rules>${rules.join("")}</Rules>`;
}

function weightsIn(form: URLSearchParams, action: string) {
  const groups = `${action}.ForwardConfig.TargetGroups.member`;
  return Array.from({ length: 5 }, (_, index) => `${groups}.${index + 1}`).flatMap((group) => {
    const arn = form.get(`${group}.TargetGroupArn`);
    return arn === null ? [] : [{ arn, weight: Number(form.get(`${group}.Weight`)) }];
  });
}

/** It takes all actions of a rule anew: one that is left out is gone, and a client secret has to be said to stay. */
function modifyRule(account: Account, form: URLSearchParams): string {
  const rule = account.of(ruleType).find(({ id }) => id === form.get("RuleArn"));
  if (rule === undefined) throw new Error("RuleNotFound");
  const before = recordsIn(rule.inputs.actions);
  const actions = Array.from({ length: 10 }, (_, index) => `Actions.member.${index + 1}`).flatMap((action) => {
    const type = form.get(`${action}.Type`);
    if (type === null) return [];
    const found = before.find((one) => one.type === type);
    if (type === "authenticate-oidc" && form.get(`${action}.AuthenticateOidcConfig.UseExistingClientSecret`) !== "true")
      throw new Error("InvalidConfigurationRequest: ClientSecret is missing");
    return [type === "forward" ? { ...found, forward: { targetGroups: weightsIn(form, action) } } : { ...found }];
  });
  account.drift(rule.urn, { actions });
  return "";
}

function describeLoadBalancers(account: Account): string {
  const all = account.of("aws:lb/loadBalancer:LoadBalancer").map(({ id, inputs }) => {
    const groups = stringsIn(inputs.securityGroups).map((group) => `<member>${group}</member>`);
    return `<member><LoadBalancerArn>${id}</LoadBalancerArn><SecurityGroups>${groups.join("")}</SecurityGroups></member>`;
  });
  return `<LoadBalancers>${all.join("")}</LoadBalancers>`;
}

function describeListeners(account: Account, form: URLSearchParams): string {
  const arns = account
    .of("aws:lb/listener:Listener")
    .filter(({ inputs }) => inputs.loadBalancerArn === form.get("LoadBalancerArn"))
    .map(({ id }) => `<member><ListenerArn>${id}</ListenerArn></member>`);
  return `<Listeners>${arns.join("")}</Listeners>`;
}

function answerLoadBalancing(account: Account, form: URLSearchParams): string {
  const action = form.get("Action") ?? "";
  const answers: Record<string, typeof describeHealth> = {
    DescribeTargetHealth: describeHealth,
    DescribeLoadBalancers: describeLoadBalancers,
    DescribeListeners: describeListeners,
    DescribeRules: describeRules,
    ModifyRule: modifyRule,
  };
  const result = answers[action]?.(account, form) ?? "";
  return `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
}

/** What SDKs put before the action of an API that speaks JSON. */
const answers: Readonly<Record<string, typeof answerEcs>> = {
  AmazonEC2ContainerServiceV20141113: answerEcs,
  AmazonEC2ContainerRegistry_V20150921: answerEcr,
  AnyScaleFrontendService: answerScaling,
};

/** The APIs that the program itself asks, AWS's and a cluster's, answered from the fake account. */
export async function startAwsApi(account: Account): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { method = "", url = "" } = request;
      if (url.startsWith("/api")) {
        const { status, body: said } = answerKubernetes(account, method, url, body);
        return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
      }
      const [api = "", action = ""] = String(request.headers["x-amz-target"] ?? "").split(".");
      const answer = answers[api];
      response.setHeader("content-type", answer ? "application/x-amz-json-1.1" : "text/xml");
      if (!answer) return response.end(answerLoadBalancing(account, new URLSearchParams(body)));
      const said = answer(account, action, body);
      return response.writeHead(isRefusal(said) ? 400 : 200).end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
