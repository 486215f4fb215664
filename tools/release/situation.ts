import { isDeepStrictEqual } from "node:util";
import { loadBalancerApi } from "../../components/aws/elb";
import { rootName } from "../../components/core/short-name";
import type { Settings } from "../../components/settings";
import { resolveModel } from "../../components/settings/model";
import { runsOnAws } from "../../components/targets";
import { UserError } from "../cli/user-error";
import { type DeployedStack, deployedStack, outputsIn } from "../stack/deployed";
import { type Config, readProject } from "../stack/file";
import { askPulumi } from "../stack/pulumi-cli";
import { stackSettings } from "../stack/settings";
import { type Base, type Begun, type Entry, isSuperseded, lastBase, unfinishedRelease } from "./journal";
import { type Before, type DeclaredVariant, goalNamed, serving, sharesOf, suffix } from "./plan";
import { areSame, type Shares, show } from "./shares";

/** A stack with the three places that say who has the traffic: stack file, state and load balancer. */
export interface Situation {
  readonly stack: string;
  readonly project: string;
  readonly root: string;
  readonly settings: Settings;
  readonly declared: readonly DeclaredVariant[];
  readonly deployed: DeployedStack;
  readonly history: readonly Entry[];
  readonly shares: { readonly file: Shares; readonly state: Shares; readonly live: Shares };
  /** A release that was begun and neither ended nor taken back. */
  readonly unfinished?: Begun;
}

/** Releases and updates by hand of some weeks. */
const pageSize = "100";

export async function situationOf(stack: string): Promise<Situation> {
  const { name: project } = readProject();
  const settings = stackSettings(stack);
  if (!runsOnAws(settings.target))
    throw new UserError(`--stack is ${stack}, which runs on this machine; expected a stack on AWS`);
  const declared = settings.model.variants;
  const [deployed, history] = await Promise.all([
    deployedStack(stack),
    askPulumi(["stack", "history", "--json", "--page-size", pageSize, "--stack", stack]) as unknown as Promise<Entry[]>,
  ]);
  const root = rootName(project);
  const state = Object.fromEntries((deployed.outputs.variants ?? []).map(({ name, weight = 0 }) => [name, weight]));
  const shares = { file: sharesOf(declared), state, live: await liveShares(deployed, root) };
  const targets = { file: settings.target, state: deployed.outputs.target };
  const unfinished = unfinishedIn({ history, project, declared, shares, targets });
  return { stack, project, root, settings, declared, deployed, history, shares, unfinished };
}

/** The public rule's weights by variant. A group that the state does not know has its own name. */
export async function liveShares({ resources, connection }: DeployedStack, root: string): Promise<Shares> {
  const rule = resources.find(({ type, urn }) => type === ruleType && urn.endsWith(`::${root}-public`));
  const arn = rule?.outputs?.arn;
  if (typeof arn !== "string") return {};
  const groups = resources.flatMap(({ type, urn, outputs }) =>
    type === "inference:aws:VariantRoute" && typeof outputs?.targetGroupArn === "string"
      ? [[outputs.targetGroupArn, (urn.split("::").at(-1) ?? "").slice(root.length + 1)] as const]
      : [],
  );
  const names = new Map(groups);
  const weights = await loadBalancerApi(connection).weightsOfRule(arn);
  return Object.fromEntries(
    Object.entries(weights).map(([group, weight]) => [names.get(group) ?? group.split("/").at(-2) ?? group, weight]),
  );
}

const ruleType = "aws:lb/listenerRule:ListenerRule";

/** The variants that a release of an image adds to these keys. One of such a name that was there before it is the user's own. */
function addedTo(base: Base): string[] {
  const { variants } = beforeOf(base);
  const before = variants.map(({ name }) => name);
  const added = serving(variants).map(({ name }) => `${name}${suffix}`);
  return added.filter((name) => !before.includes(name));
}

interface Evidence {
  readonly history: readonly Entry[];
  readonly project: string;
  readonly declared: readonly DeclaredVariant[];
  readonly shares: Situation["shares"];
  /** Of the stack file, and of the last complete update. */
  readonly targets: { readonly file: string; readonly state?: string };
}

/** From the history, or, when the first update was killed, which the history does not record, from the stack file alone. */
export function unfinishedIn({ history, project, declared, shares: { file, state, live }, targets }: Evidence) {
  const begun = unfinishedRelease(history, project);
  const names = Object.keys({ ...file, ...state, ...live });
  const base = lastBase(history, project);
  const before = begun?.base ?? base;
  const own = before === undefined ? [] : addedTo(before);
  if (begun && names.some((name) => own.includes(name))) return begun;
  const next = declared.find(({ name }) => own.includes(name));
  if (next?.image !== undefined) return { to: next.image, base };
  const added = declared.find(({ name, target }) => !(name in state) && name === target);
  if (targets.file === "variants" && targets.state !== "variants" && added) return { to: `target ${added.name}`, base };
  return begun && isSuperseded(history, project) ? undefined : begun;
}

/** The variants that these keys declare; an absent key has the default of Pulumi.yaml. */
export function beforeOf(base: Base): Before {
  const { config = {} } = readProject();
  const target = base.target ?? (config.target?.default as string);
  const weights = { ...(config.weights?.default as Base["weights"]), ...base.weights };
  const keys = { target, weights, variants: base.variants };
  const { variants } = resolveModel(keys as Parameters<typeof resolveModel>[0]);
  return { base, target, variants };
}

export const nobody = (stack: string) => `Stack ${stack} serves nobody yet. Deploy it: pulumi up --stack ${stack}`;

/** What ends a release that was begun. */
export const waysOut = (stack: string, title: string) =>
  `Finish it with ${commandFor(title)}, or go back first: npm run release -- --stack ${stack} --back`;

export function commandFor(title: string): string {
  const goal = goalNamed(title);
  if ("target" in goal) return `--to-target ${goal.target}`;
  return `--to ${"image" in goal ? goal.image : goal.variant}`;
}

/** Refuses three places that disagree, and prints what each has. */
export function refuseDisagreement({ stack, shares: { file, state, live } }: Situation): void {
  if (Object.keys(live).length === 0) throw new UserError(nobody(stack));
  if (areSame(file, state) && areSame(state, live)) return;
  throw new UserError(
    [
      `Stack ${stack}: its stack file, its state and its load balancer disagree about the traffic:`,
      `  Pulumi.${stack}.yaml  ${show(file)}`,
      `  last update  ${show(state)}`,
      `  load balancer  ${show(live)}`,
      `To make the stack file's shares live: pulumi up --stack ${stack}`,
    ].join("\n"),
  );
}

/** repository@sha256:... that the stack runs. */
export function runningReference({ deployed: { resources } }: Pick<Situation, "deployed">): string {
  const image = outputsIn(resources, "inference:aws:Registry")?.image;
  return typeof image === "string" ? image : "unknown";
}

/** The keys of the stack file as they are. */
export function baseIn(config: Config, project: string): Base {
  const of = <T>(key: string) => (config[key] ?? config[`${project}:${key}`]) as T | undefined;
  return {
    target: of("target"),
    image: of("image"),
    variants: of<Base["variants"]>("variants") ?? {},
    weights: of("weights"),
  };
}

/** The history has the defaults too; the stack file does not get a key that it left out. */
export function restorable(recorded: Base, file: Base, isAdded: (key: string) => boolean): Base {
  const { config = {} } = readProject();
  const kept = <Key extends "target" | "image" | "weights">(key: Key) => {
    const wasLeftOut = file[key] === undefined || isAdded(key);
    return wasLeftOut && isDeepStrictEqual(recorded[key], config[key]?.default) ? undefined : recorded[key];
  };
  return { ...recorded, target: kept("target"), image: kept("image"), weights: kept("weights") };
}
