export { Observability, type ObservabilityArgs } from "./observability";
export { RouteAlarms, type RouteAlarmsArgs } from "./route-alarms";
