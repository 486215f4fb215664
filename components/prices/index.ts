export { bill, type Load, type Priceable, priceable, sum, sumOf, total, zonesOf } from "./bill";
export { type Declared, pricedTypes } from "./declared";
export { hoursPerMonth, type Line, type Side } from "./line";
export { ageWarning, priceIn } from "./table";
export { measured, mostRequestsPerSecond, steadyRequestsPerSecond } from "./workload";
