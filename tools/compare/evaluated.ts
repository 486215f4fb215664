import { type ServiceSpec, serviceSpec } from "../../components/core/service-spec";
import { type Declared, type Priceable, priceable } from "../../components/pricing";
import type { Settings } from "../../components/settings";
import { evaluateStack, type Plan } from "../offline";
import type { Config } from "../stack/file";
import { stackSettings } from "../stack/settings";

export type Target = "ecs" | "eks";

/** A stack as it would be on one platform. */
export interface Evaluated {
  readonly target: Target;
  readonly plan: Plan;
  readonly settings: Settings;
  readonly spec: ServiceSpec;
  readonly priceable: Priceable;
}

/** The stack with its target turned to one platform, and all else as it is. */
export async function evaluated(stack: string, target: Target, further: Config = {}): Promise<Evaluated> {
  // As the stack declares it: mistakes in target and variants are reported as well, though both are replaced here.
  stackSettings(stack, further);
  const overrides = { ...further, target, variants: {} };
  const settings = stackSettings(stack, overrides);
  const plan = await evaluateStack(stack, { overrides });
  const spec = serviceSpec(settings);
  return { target, plan, settings, spec, priceable: priceable(settings, spec, declaredIn(plan)) };
}

const sides = { EcsFargateService: "ecs", EksService: "eks" } as const;

/** A urn names the types of all parents: what is inside a platform's component is that platform's. */
function declaredIn({ resources }: Plan): Declared[] {
  return resources.map(({ type, urn, inputs }) => {
    const side = Object.entries(sides).find(([component]) => urn.includes(`inference:aws:${component}$`))?.[1];
    return { type, inputs, side: side ?? "shared" };
  });
}
