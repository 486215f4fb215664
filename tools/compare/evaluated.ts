import { type ServiceSpec, serviceSpec } from "../../components/core/service-spec";
import { type Declared, type Priceable, priceable } from "../../components/pricing";
import type { Settings } from "../../components/settings";
import { buildFileRules } from "../../components/settings/build-files";
import { type AwsTargetName, awsTargetNamed, awsTargets } from "../../components/targets";
import type { Profile } from "../../components/targets/profile";
import { evaluateStack, type Plan } from "../offline";
import type { Config } from "../stack/file";
import { stackSettings } from "../stack/settings";

/** A stack evaluated on one platform. */
export interface Evaluated {
  readonly target: AwsTargetName;
  readonly profile: Profile;
  readonly plan: Plan;
  readonly settings: Settings;
  readonly spec: ServiceSpec;
  readonly priceable: Priceable;
}

/** Evaluates the stack with another target and otherwise unchanged settings. */
export async function evaluated(stack: string, target: AwsTargetName, further: Config = {}): Promise<Evaluated> {
  // As the stack declares it: mistakes in target and variants are reported as well, though both are replaced here.
  stackSettings(stack, further, undefined, buildFileRules);
  const overrides = { ...further, target, variants: {} };
  const settings = stackSettings(stack, overrides);
  const plan = await evaluateStack(stack, { overrides });
  const spec = serviceSpec(settings);
  const profile = await awsTargetNamed(target).profile();
  return { target, profile, plan, settings, spec, priceable: priceable(settings, spec, declaredIn(plan)) };
}

/** A urn has the types of all parents, so it shows whether a resource is inside a target's component. */
function declaredIn({ resources }: Plan): Declared[] {
  return resources.map(({ type, urn, inputs }) => {
    const owner = awsTargets.find(({ componentType }) => type === componentType || urn.includes(`${componentType}$`));
    return { type, inputs, side: owner?.name ?? "shared" };
  });
}
