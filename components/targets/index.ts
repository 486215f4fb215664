import { ecsFargate } from "../ecs-fargate-service/target";
import { eks } from "../eks-service/target";
import { local } from "../local-service/target";
import type { Target } from "./target";

export type { Account, AwsTarget, Capabilities, Note, Place, PlatformArgs, Target } from "./target";

/** Every platform that the program can deploy to. Tables have their columns, and charts their colours, in this order. */
export const targets = [ecsFargate, eks, local] as const;

/** The default of the key `target`. */
export const defaultTarget = ecsFargate;

/** The two that `target: both` runs at once; weights has a key for each. */
export const bothTargets = [ecsFargate, eks] as const;

type AnyTarget = (typeof targets)[number];
type AnyAwsTarget = Extract<AnyTarget, { readonly runsOn: "aws" }>;

/** The name of a target, as `target` or a variant of the settings has it. */
export type TargetName = AnyTarget["name"];
export type AwsTargetName = AnyAwsTarget["name"];

export type BothTargetName = (typeof bothTargets)[number]["name"];

export const awsTargets: readonly AnyAwsTarget[] = targets.filter((target) => target.runsOn === "aws");

/** The target on AWS of this name. */
export function awsTargetNamed(name: string): AnyAwsTarget {
  const found = awsTargets.find((target) => target.name === name);
  if (found === undefined) throw new Error(`${name} is not a target on AWS`);
  return found;
}

export const isAwsTarget = (name: string): name is AwsTargetName => awsTargets.some((target) => target.name === name);

export function targetNamed(name: TargetName): Target<TargetName>;
export function targetNamed(name: string): Target<TargetName> | undefined;
export function targetNamed(name: string): Target<TargetName> | undefined {
  return targets.find((target) => target.name === name);
}

/** Whether the value of `target` deploys to AWS: every value except `local`. */
export const runsOnAws = (choice: string): boolean => targetNamed(choice)?.runsOn !== "this machine";

export type PerTarget<T> = Readonly<Record<AwsTargetName, T>>;

/** One value for each target on AWS, by name. */
export const perTarget = <T>(value: (target: AnyAwsTarget) => T): PerTarget<T> =>
  Object.fromEntries(awsTargets.map((target) => [target.name, value(target)])) as Record<AwsTargetName, T>;
