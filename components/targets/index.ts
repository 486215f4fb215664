import { ecsFargate } from "../ecs-fargate-service/target";
import { eks } from "../eks-service/target";
import { local } from "../local-service/target";
import type { Target } from "./target";

export type { Capabilities, Place, Target } from "./target";

/** Every platform that the program can deploy to. Tables have their columns, and charts their colours, in this order. */
export const targets = [ecsFargate, eks, local] as const;

/** The two that `target: both` runs at once; weights has a key for each. */
export const bothTargets = [ecsFargate, eks] as const;

type AnyTarget = (typeof targets)[number];
type AnyAwsTarget = Extract<AnyTarget, { readonly runsOn: "aws" }>;

export type TargetName = AnyTarget["name"];
export type AwsTargetName = AnyAwsTarget["name"];

export const awsTargets: readonly AnyAwsTarget[] = targets.filter((target) => target.runsOn === "aws");

export function targetNamed(name: TargetName): Target<TargetName>;
export function targetNamed(name: string): Target<TargetName> | undefined;
export function targetNamed(name: string): Target<TargetName> | undefined {
  return targets.find((target) => target.name === name);
}
