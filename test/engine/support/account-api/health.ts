import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "../../../fakes/account";
import { stringsIn } from "../../../fakes/values";

const capsFile = (account: Account) => join(account.folder, "healthy-at-most.json");

/** Limits the healthy targets of each group, by a part of its ARN: a rollout in progress. */
export function capHealth(account: Account, caps: Readonly<Record<string, number>>): void {
  writeFileSync(capsFile(account), JSON.stringify(caps));
}

function capOf(account: Account, group: string): number {
  if (!existsSync(capsFile(account))) return Number.POSITIVE_INFINITY;
  const caps = Object.entries(JSON.parse(readFileSync(capsFile(account), "utf8")) as Record<string, number>);
  return caps.find(([part]) => group.includes(part))?.[1] ?? Number.POSITIVE_INFINITY;
}

/** The bindings of EKS Auto Mode and of the AWS Load Balancer Controller. */
const bindings = ["kubernetes:eks.amazonaws.com/v1", "kubernetes:elbv2.k8s.aws/v1beta1"].map(
  (group) => `${group}:TargetGroupBinding`,
);

/** Running targets of a group: tasks of the service that names it, pods of the deployment with its binding. */
export function targetsBehind(account: Pick<Account, "of">, group: string): number {
  const tasks = account
    .of("aws:ecs/service:Service")
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
  return [...tasks, ...pods].reduce((sum, count) => sum + count, 0);
}

export function describeHealth(account: Account, form: URLSearchParams): string {
  const group = form.get("TargetGroupArn") ?? "";
  const healthy = Math.min(targetsBehind(account, group), capOf(account, group));
  const members = Array.from(
    { length: healthy },
    (_, index) =>
      `<member><Target><Id>10.0.0.${index + 4}</Id></Target><TargetHealth><State>healthy</State></TargetHealth></member>`,
  );
  return `<TargetHealthDescriptions>${members.join("")}</TargetHealthDescriptions>`;
}
