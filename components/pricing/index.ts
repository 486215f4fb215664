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
export { type Measurement, measurementFile, otherImage, readMeasurement } from "./measurement";
export { ageWarning, priceIn } from "./table";
export {
  type Inference,
  inferenceOf,
  measured,
  measuredRate,
  mostRequestsPerSecond,
  ourInference,
  type Rate,
  rateOf,
  steadyRequestsPerSecond,
} from "./workload";
