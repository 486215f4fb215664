export { bill, imageBudgetGb, type Load, type Priceable, priceable, sum, sumOf, total, zonesOf } from "./bill";
export { type Declared, pricedTypes } from "./declared";
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
