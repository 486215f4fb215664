import { sum } from "../../components/pricing";
import { awsTargets, type PerTarget } from "../../components/targets";
import type { Wait } from "../../components/targets/profile";
import { mostSearched } from "./break-even";
import type { Comparison } from "./comparison";
import { type Span, span, total } from "./scaling";

/** A recommendation with the numbers above it as reasons. */
export function advice(facts: Omit<Comparison, "advice">, furtherReasons: readonly string[] = []): string[] {
  const spans = (waits: PerTarget<readonly Wait[]>) =>
    awsTargets.map(({ name, title }) => ({ title, ...total(waits[name]) }));
  return [
    cheapest(facts),
    breakEven(facts),
    faster("The first URL", spans(facts.firstUrl)),
    faster("A further replica", spans(facts.scaleOut)),
    ...facts.sooner.map((sooner) => sooner.advice),
    lambda(facts),
    ...furtherReasons,
  ].filter((text) => text !== "");
}

/** Compared with the next cheapest platform. */
function cheapest({ bills }: Pick<Comparison, "bills">): string {
  const costs = awsTargets.map(({ name, title }) => ({ title, usd: sum(bills[name].expected) }));
  const [first, second] = costs.sort((one, other) => one.usd - other.usd);
  if (first === undefined || second === undefined) return "";
  const saved = (second.usd - first.usd).toFixed(2);
  return `${first.title} costs ${saved} USD less at the expected load (${first.usd.toFixed(2)} against ${second.usd.toFixed(2)}).`;
}

/** The number of replicas from which EKS costs less. */
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

interface TitledSpan extends Span {
  readonly title: string;
}

function faster(what: string, spans: readonly TitledSpan[]): string {
  const latest = Math.max(...spans.map(({ least }) => least));
  if (spans.every(({ most }) => most >= latest)) {
    const all = spans.map((one) => `${span(one)} on ${one.title}`).join(", ");
    return `${what} takes about as long on ${spans.length === 2 ? "both" : "all"}: ${all} (estimates).`;
  }
  const [first, second] = [...spans].sort((one, other) => one.least - other.least);
  if (first === undefined || second === undefined) return "";
  return `${what} is ready sooner on ${first.title}: in about ${span(first)} instead of ${span(second)} (estimates).`;
}

function lambda({ breakEvens, scenarios }: Pick<Comparison, "breakEvens" | "scenarios">): string {
  const found = breakEvens.find(
    ({ cheaperBelow, cheaperFrom }) => cheaperBelow === "Lambda" && cheaperFrom === "Fargate",
  );
  const load = scenarios.find(({ name }) => name === "expected")?.requestsPerSecond ?? 0;
  if (!found) return "";
  const below = found.requestsPerSecond;
  const apart = "Its price does not include load balancer, network and cold starts";
  if (below === undefined)
    return `Lambda costs less than Fargate up to the load of ${mostSearched.toLocaleString("en")} replicas. ${apart}.`;
  const where = load < below ? "below that" : "above that";
  return `Lambda costs less than Fargate below about ${below.toFixed(0)} requests/s; the expected ${load.toFixed(0)} requests/s are ${where}. ${apart}.`;
}
