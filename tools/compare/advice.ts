import { sum } from "../../components/prices";
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
    eachReplica(facts),
    faster("The first URL", facts.firstUrl.ecs.seconds, facts.firstUrl.eks.seconds),
    faster("A further replica", total(facts.scaleOut.ecs), total(facts.scaleOut.eks)),
    without(facts),
    "EKS where its matrix rows are needed: daemon sets, operators, other clouds.",
  ].filter((text) => text !== "");
}

function eachReplica({ curves }: Pick<Comparison, "curves">): string {
  const more = (name: string) => {
    const usd = curves.find((curve) => curve.name === name)?.usd ?? [];
    return (usd[9] ?? 0) - (usd[8] ?? 0);
  };
  const [fargate, eks] = [more("Fargate"), more("EKS")];
  const verdict = eks >= fargate ? "so no number of replicas turns it" : "so more replicas turn it";
  return `A tenth replica adds ${fargate.toFixed(2)} USD on Fargate, ${eks.toFixed(2)} on EKS (a node each), ${verdict}.`;
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
    return "Lambda costs less than Fargate at every load: it pays for no load balancer and no network; cold starts apart.";
  const where = load < below ? "below that: Lambda costs less, cold starts apart" : "above that";
  return `Lambda costs less below about ${below.toFixed(0)} requests/s; the expected ${load.toFixed(0)} are ${where}.`;
}
