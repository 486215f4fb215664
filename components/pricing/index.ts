export {
  bill,
  imageBudgetGb,
  type Load,
  type Priceable,
  priceable,
  type ReplicaSize,
  sum,
  sumOf,
  total,
  zonesOf,
} from "./bill";
export { type Declared, type Period, pricedTypes } from "./fixed-costs";
export { hoursPerMonth, type Line, type Side } from "./line";
export { ageWarning, priceIn } from "./table";
export {
  measured,
  measuredRate,
  mostRequestsPerSecond,
  type Rate,
  rateOf,
  steadyRequestsPerSecond,
} from "./workload";
