import { type ServiceSpec, serviceSpec } from "../../components/core/service-spec";
import { type Declared, type Priceable, priceable } from "../../components/pricing";
import type { Settings } from "../../components/settings";
import { buildFileRules } from "../../components/settings/build-files";
import { type AwsTargetName, awsTargetNamed, awsTargets } from "../../components/targets";
import type { Profile } from "../../components/targets/profile";
import { UserError } from "../cli/user-error";
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
  const declared = stackSettings(stack, further, undefined, buildFileRules);
  const overrides = { ...further, ...reachable(declared), target, variants: {} };
  const settings = settingsOn(target, stack, overrides);
  const plan = await evaluateStack(stack, { overrides });
  const spec = serviceSpec(settings);
  const profile = await awsTargetNamed(target).profile();
  return { target, profile, plan, settings, spec, priceable: priceable(settings, spec, declaredIn(plan)) };
}

/** Who may reach the cluster costs nothing, so a stack that has no cluster need not say it: a block of RFC 5737 takes its place. */
function reachable({ eks }: Settings): Config {
  return eks.cluster || eks.endpointCidrs.length > 0 ? {} : { eks: { ...eks, endpointCidrs: ["192.0.2.0/24"] } };
}

function settingsOn(target: AwsTargetName, stack: string, overrides: Config): Settings {
  try {
    return stackSettings(stack, overrides);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const why = `The stack itself needs none of this. compare prices AWS and evaluates every stack with each target there, now ${target}.`;
    throw new UserError(`${error.message}\n${why}`);
  }
}

/** A urn has the types of all parents, so it shows whether a resource is inside a target's component. */
export function declaredIn({ resources }: Plan): Declared[] {
  return resources.map(({ type, urn, inputs }) => {
    const owner = awsTargets.find(({ componentType }) => type === componentType || urn.includes(`${componentType}$`));
    return { type, inputs, side: owner?.name ?? "shared" };
  });
}
