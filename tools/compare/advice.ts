import { sum } from "../../components/prices";
import { mostSearched } from "./break-even";
import type { Comparison } from "./comparison";
import { total } from "./scaling";

const names = { ecs: "ECS Fargate", eks: "EKS" } as const;

/** A recommendation whose reasons are the numbers above it. */
export function advice(facts: Omit<Comparison, "advice">): string[] {
  const usd = { ecs: sum(facts.bills.ecs.expected), eks: sum(facts.bills.eks.expected) };
  const cheaper = usd.ecs <= usd.eks ? "ecs" : "eks";
  const other = cheaper === "ecs" ? "eks" : "ecs";
  const saved = usd[other] - usd[cheaper];
  return [
    `${names[cheaper]}: ${saved.toFixed(2)} USD less at the expected load (${usd[cheaper].toFixed(2)} against ${usd[other].toFixed(2)}).`,
    turned(facts),
    faster("The first URL", facts.firstUrl.ecs.seconds, facts.firstUrl.eks.seconds),
    faster("A further replica", total(facts.scaleOut.ecs), total(facts.scaleOut.eks)),
    without(facts),
    "EKS where its matrix rows are needed: daemon sets, operators, other clouds.",
  ].filter((text) => text !== "");
}

/** Whether size turns what load alone does not. */
function turned({ breakEvens, steadyRequestsPerSecond }: Pick<Comparison, "breakEvens" | "steadyRequestsPerSecond">) {
  const found = breakEvens.find(({ cheaperBelow, cheaperFrom }) => cheaperBelow === "Fargate" && cheaperFrom === "EKS");
  if (found?.replicas === undefined) return `No number of replicas up to ${mostSearched} turns it for good, on demand.`;
  if (found.replicas === 1) return "On demand it is EKS from the first replica.";
  const load = (found.replicas * steadyRequestsPerSecond).toFixed(0);
  return `On demand, EKS costs less from ${found.replicas} busy replicas on (${load} requests/s): what it costs by itself is spread over them.`;
}

function faster(what: string, ecs: number, eks: number): string {
  if (Math.round(ecs) === Math.round(eks)) return `${what} takes as long on both.`;
  const [first, less, more] = ecs < eks ? [names.ecs, ecs, eks] : [names.eks, eks, ecs];
  return `${what} is there sooner on ${first}: about ${less.toFixed(0)} s, not ${more.toFixed(0)} s (estimates).`;
}

function without({ breakEvens, scenarios }: Pick<Comparison, "breakEvens" | "scenarios">): string {
  const lambda = breakEvens.find(
    ({ cheaperBelow, cheaperFrom }) => cheaperBelow === "Lambda" && cheaperFrom === "Fargate",
  );
  const load = scenarios.find(({ name }) => name === "expected")?.requestsPerSecond ?? 0;
  if (!lambda) return "";
  const below = lambda.requestsPerSecond;
  if (below === undefined)
    return `Lambda costs less than Fargate up to the load of ${mostSearched} replicas: it pays for no load balancer and no network; cold starts apart.`;
  const where = load < below ? "below that: Lambda costs less, cold starts apart" : "above that";
  return `Lambda costs less below about ${below.toFixed(0)} requests/s; the expected ${load.toFixed(0)} are ${where}.`;
}
