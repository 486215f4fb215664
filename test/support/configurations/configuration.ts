import fc from "fast-check";
import type { Entry } from "../../../components/settings/entry";
import { keys } from "../../../components/settings/keys";
import { isRecord } from "../../../components/settings/schema";
import { schemaOf, strayName, valuesOf } from "./grammar";

/** A configuration as `parseSettings` takes it, with the keys of the project under its name. */
export type Configuration = Readonly<Record<string, unknown>>;

export const project = "inference";
const names = [...schemaOf.keys()];
const entries = Object.entries<Entry<unknown>>(keys);
const own = (name: string) => `${project}:${name}`;

/** Without these a stack on AWS is refused for the same reasons again and again. */
const base: Configuration = {
  "aws:region": "us-east-1",
  [own("ingressCidrs")]: ["203.0.113.0/24"],
  [own("allowHttp")]: true,
  [own("eks")]: { endpointCidrs: ["203.0.113.0/24"] },
};

const regions: readonly unknown[] = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "", 5, null, "eu-west"];
const region = fc.oneof(
  { weight: 20, arbitrary: fc.constant("us-east-1") },
  { weight: 1, arbitrary: fc.constantFrom(...regions) },
);

/** Some entries' examples together: each is a whole stack on its own. */
const examples = fc
  .subarray(
    entries.map(([, { example }]) => example),
    { maxLength: 3 },
  )
  .map((all) =>
    Object.fromEntries(all.flatMap((example) => Object.entries(example).map(([name, value]) => [own(name), value]))),
  );

const generated = fc.uniqueArray(
  fc.constantFrom(...names).chain((name) => {
    const schema = schemaOf.get(name);
    return fc.tuple(fc.constant(own(name)), schema ? valuesOf(schema) : fc.constant(undefined));
  }),
  { maxLength: 5, selector: ([name]) => name },
);

/** Shown nowhere: the value of a key that the program does not know may be a secret. */
export const secretText = "hunter2-of-an-unknown-key";
const stray = fc.oneof(
  { weight: 9, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.tuple(
        fc.oneof(
          strayName(names)
            .filter((name) => !names.includes(name))
            .map(own),
          fc.constantFrom(...names.map((name) => `inferense:${name}`), "aws:profile"),
        ),
        fc.constantFrom<unknown>(secretText, { value: secretText }, [secretText]),
      ),
      { maxLength: 2 },
    ),
  },
);

/** Weights that the generator chose, as shares of 100: otherwise hardly any stack of several variants is valid. */
function balanced(configuration: Configuration): Configuration {
  const { [own("variants")]: variants, [own("weights")]: weights } = configuration;
  const whole = (shares: readonly unknown[]) =>
    shares.map((_, index) => Math.floor(100 / shares.length) + (index < 100 % shares.length ? 1 : 0));
  if (isRecord(variants)) {
    const shares = whole(Object.keys(variants));
    const together = Object.entries(variants).map(([name, variant], index) => [
      name,
      isRecord(variant) ? { ...variant, weight: shares[index] } : variant,
    ]);
    return { ...configuration, [own("target")]: "variants", [own("variants")]: Object.fromEntries(together) };
  }
  if (isRecord(weights) && typeof weights.ecs === "number" && Object.hasOwn(weights, "ecs"))
    return { ...configuration, [own("weights")]: { ...weights, eks: 100 - weights.ecs } };
  return configuration;
}

/** The engine passes a value as text; a tool that reads a stack file passes what YAML made of it. */
const asText = (value: unknown) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined"));

export const configurations: fc.Arbitrary<Configuration> = fc
  .record({
    region,
    withBase: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    examples,
    target: fc.option(valuesOf(keys.target.schema)),
    generated,
    stray,
    isBalanced: fc.boolean(),
  })
  .map((part) => {
    const first = part.withBase ? { ...base, "aws:region": part.region } : { "aws:region": part.region };
    const target = part.target === null ? {} : { [own("target")]: part.target };
    const more = Object.fromEntries([...part.generated, ...part.stray]);
    const all = { ...first, ...part.examples, ...target, ...more };
    return part.isBalanced ? balanced(all) : all;
  });

export const asEngineText = (configuration: Configuration): Record<string, string> =>
  Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, asText(value)]));
