import { evaluateStack, type Plan } from "../offline";

/** The dev stack with so many variants on ECS. */
export function withVariants(count: number): Promise<Plan> {
  const names = Array.from({ length: count }, (_, index) => `v${index + 1}`);
  const share = Math.floor(100 / count);
  const weight = (index: number) => (index === 0 ? 100 - share * (count - 1) : share);
  const variants = Object.fromEntries(names.map((name, index) => [name, { target: "ecs", weight: weight(index) }]));
  return evaluateStack("dev", { overrides: { "inference:target": "variants", "inference:variants": variants } });
}

/** How many there are besides alarms, which each variant has of its own. */
export const countWithoutAlarms = ({ resources }: Plan) =>
  resources.filter(
    ({ type }) => !/^aws:cloudwatch\/(metric|composite)Alarm:|^aws:cloudwatch\/alarmMuteRule:/.test(type),
  ).length;

const ofVariant = /-v\d+(-|$)/;

/** Type and name of what belongs to no variant. */
export const shared = ({ resources }: Plan) =>
  resources
    .filter(({ name }) => !ofVariant.test(name))
    .map(({ type, name }) => `${type} ${name}`)
    .sort();

/** What each further variant adds, on the way from one count to another. */
export const perVariant = (from: { count: number; value: number }, to: { count: number; value: number }) =>
  (to.value - from.value) / (to.count - from.count);
