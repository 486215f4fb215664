import { sum } from "../../components/pricing";
import { mostSearched } from "./break-even";
import type { Comparison } from "./comparison";
import { type Span, span, total, withFasterMetrics } from "./scaling";

const names = { ecs: "ECS Fargate", eks: "EKS" } as const;

/** A recommendation whose reasons are the numbers above it. */
export function advice(facts: Omit<Comparison, "advice">): string[] {
  const usd = { ecs: sum(facts.bills.ecs.expected), eks: sum(facts.bills.eks.expected) };
  const cheaper = usd.ecs <= usd.eks ? "ecs" : "eks";
  const other = cheaper === "ecs" ? "eks" : "ecs";
  const saved = usd[other] - usd[cheaper];
  const replica = { ecs: total(facts.scaleOut.ecs), eks: total(facts.scaleOut.eks) };
  return [
    `${names[cheaper]} costs ${saved.toFixed(2)} USD less at the expected load (${usd[cheaper].toFixed(2)} against ${usd[other].toFixed(2)}).`,
    breakEven(facts),
    faster("The first URL", total(facts.firstUrl.ecs), total(facts.firstUrl.eks)),
    faster("A further replica", replica.ecs, replica.eks),
    `ECS scales on CPU metrics of a minute here. On metrics of 20 seconds a further replica takes about ${span(withFasterMetrics(replica.ecs))}; @pulumi/aws cannot set them yet.`,
    lambda(facts),
    "Choose EKS where you need its rows of the table below: daemon sets, operators, other clouds.",
  ].filter((text) => text !== "");
}

/** From how many replicas on EKS costs less. */
function breakEven({
  breakEvens,
  steadyRequestsPerSecond,
}: Pick<Comparison, "breakEvens" | "steadyRequestsPerSecond">) {
  const found = breakEvens.find(({ cheaperBelow, cheaperFrom }) => cheaperBelow === "Fargate" && cheaperFrom === "EKS");
  if (found?.replicas === undefined)
    return `At on-demand prices Fargate stays cheaper up to ${mostSearched.toLocaleString("en")} replicas.`;
  if (found.replicas === 1) return "At on-demand prices EKS costs less from the first replica on.";
  const load = (found.replicas * steadyRequestsPerSecond).toFixed(0);
  return `At on-demand prices EKS costs less from ${found.replicas} busy replicas on (${load} requests/s): the fixed cost of the cluster is shared by more replicas.`;
}

function faster(what: string, ecs: Span, eks: Span): string {
  if (ecs.least <= eks.most && eks.least <= ecs.most)
    return `${what} takes about as long on both: ${span(ecs)} on ${names.ecs}, ${span(eks)} on ${names.eks} (estimates).`;
  const [first, less, more] = ecs.least < eks.least ? [names.ecs, ecs, eks] : [names.eks, eks, ecs];
  return `${what} is ready sooner on ${first}: in about ${span(less)} instead of ${span(more)} (estimates).`;
}

function lambda({ breakEvens, scenarios }: Pick<Comparison, "breakEvens" | "scenarios">): string {
  const found = breakEvens.find(
    ({ cheaperBelow, cheaperFrom }) => cheaperBelow === "Lambda" && cheaperFrom === "Fargate",
  );
  const load = scenarios.find(({ name }) => name === "expected")?.requestsPerSecond ?? 0;
  if (!found) return "";
  const below = found.requestsPerSecond;
  const apart = "Its price has no load balancer, no network and no cold starts";
  if (below === undefined)
    return `Lambda costs less than Fargate up to the load of ${mostSearched.toLocaleString("en")} replicas. ${apart}.`;
  const where = load < below ? "below that" : "above that";
  return `Lambda costs less than Fargate below about ${below.toFixed(0)} requests/s; the expected ${load.toFixed(0)} requests/s are ${where}. ${apart}.`;
}
