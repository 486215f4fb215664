import { isDeepStrictEqual } from "node:util";
import { parseImage } from "../../components/core/image-reference";

/** One update in Pulumi's history, the newest first. */
export interface Entry {
  readonly kind: string;
  /** 2026-11-30T05:27:34.000Z */
  readonly startTime: string;
  readonly message: string;
  readonly result: string;
  readonly config: Readonly<Record<string, { readonly value?: string; readonly objectValue?: unknown }>>;
}

/** Keys of the configuration that a release changes, as an update had them. */
export interface Base {
  readonly target?: string;
  readonly image?: string;
  readonly variants: Readonly<Record<string, BaseVariant>>;
  readonly weights?: Readonly<Record<string, number>>;
}

interface BaseVariant {
  readonly target: string;
  readonly weight: number;
  readonly image?: string;
}

/**
 * Every update of a release has one of these messages. Pulumi's history is the only record of a release: who, what, when, and the image
 * before, also when an `image: build` leaves no digest in the configuration.
 */
export const messages = {
  step: (to: string, step: string, who: string) => `release ${to}: ${step}, by ${who}`,
  done: (to: string, before: string, who: string, added?: string) =>
    `released ${to}, before ${before}, by ${who}${added === undefined ? "" : `, added the line ${added}`}`,
  back: (to: string, who: string) => `went back from ${to}, by ${who}`,
} as const;

const released = /^released (.+?), before (.+?), by /;
const wentBack = /^went back from (.+), by /;
const hasSucceeded = ({ kind, result }: Entry) => kind === "update" && result === "succeeded";
const isEnd = (entry: Entry) => hasSucceeded(entry) && /^(released|went back from) /.test(entry.message);
/** A last update that failed ended nothing. */
const stepOf = ({ message }: Entry) => (/^release (.+?): /.exec(message) ?? released.exec(message))?.[1];
export const isOfRelease = ({ message }: Entry) => /^(release|released|went back from) /.test(message);

export interface Begun {
  readonly to: string;
  /** Of the last update before it. */
  readonly base?: Base;
}

/** The release that the history shows as begun and not ended. */
export function unfinishedRelease(history: readonly Entry[], project: string): Begun | undefined {
  const end = history.findIndex(isEnd);
  return begunIn(history, end < 0 ? history.length : end, project);
}

/** The newest release among the newest `count` entries. */
function begunIn(history: readonly Entry[], count: number, project: string): Begun | undefined {
  const steps = history.slice(0, count).flatMap((entry, index) => {
    const to = stepOf(entry);
    return to === undefined ? [] : [{ to, index }];
  });
  const [newest] = steps;
  if (newest === undefined) return undefined;
  const first = steps.filter(({ to }) => to === newest.to).at(-1) ?? newest;
  return { to: newest.to, base: lastBase(history.slice(first.index + 1), project) };
}

export interface Move extends Begun {
  /** Its place in the history. */
  readonly index: number;
  /** Whether an update has succeeded since. */
  readonly isNewest: boolean;
  /** Whether the stack file had left out the target before it. */
  readonly addedTarget: boolean;
}

/** The newest release that moved traffic to a variant or a target. */
export function lastMove(history: readonly Entry[], project: string): Move | undefined {
  const isMove = (entry: Entry) => hasSucceeded(entry) && /^released (variant|target) /.test(entry.message);
  const index = history.findIndex(isMove);
  if (index < 0) return undefined;
  const isNewest = !history.slice(0, index).some(hasSucceeded);
  const addedTarget = history[index]?.message.endsWith(", added the line target") ?? false;
  const since = history.slice(index);
  const end = since.findIndex((entry, place) => place > 0 && isEnd(entry));
  const begun = begunIn(since, end < 0 ? since.length : end, project);
  return begun && { ...begun, index, isNewest, addedTarget };
}

/** Whether a later update by hand declares other shares than the newest of the release. */
export function isSuperseded(history: readonly Entry[], project: string): boolean {
  const sharesIn = (entry: Entry) => {
    const { target, variants, weights } = baseIn(entry, project);
    return { target, variants, weights };
  };
  const newest = history.find(hasSucceeded);
  const own = history.find(isOfRelease);
  if (!newest || !own || history.indexOf(newest) >= history.indexOf(own)) return false;
  return !isDeepStrictEqual(sharesIn(newest), sharesIn(own));
}

/** The configuration of the newest update that succeeded. */
export function lastBase(history: readonly Entry[], project: string): Base | undefined {
  const found = history.find(hasSucceeded);
  return found && baseIn(found, project);
}

function baseIn({ config }: Entry, project: string): Base {
  const of = (key: string) => config[`${project}:${key}`];
  const object = <T>(key: string) => of(key)?.objectValue as T | undefined;
  return {
    target: of("target")?.value,
    image: of("image")?.value,
    variants: object<Base["variants"]>("variants") ?? {},
    weights: object<Base["weights"]>("weights"),
  };
}

/** The image that the variant ran before the present one: pinned, or `build` where the history has no digest. With its place in the history. */
export function previousImage(
  history: readonly Entry[],
  { project, variant, running }: { readonly project: string; readonly variant: string; readonly running: string },
): { readonly image: string; readonly index: number } | undefined {
  const digest = digestOf(running);
  const isOther = (image: string) => digestOf(image) !== digest;
  let undone: string | undefined;
  for (const [index, entry] of history.entries()) {
    if (!hasSucceeded(entry)) continue;
    const [, to = "", before = ""] = released.exec(entry.message) ?? [];
    const isUndone = to !== "" && to === undone;
    undone = wentBack.exec(entry.message)?.[1];
    if (isUndone) continue;
    if (digestOf(to) === digest && before.includes("@") && isOther(before)) return { image: before, index };
    const declared = imageOf(variant, baseIn(entry, project));
    if (declared !== undefined && isOther(declared)) return { image: declared, index };
  }
  return undefined;
}

/** The image that these keys declare for a variant. */
export const imageOf = (variant: string, { variants, image }: Base): string | undefined =>
  variants[variant]?.image ?? image;

/** "" for `build`. */
export const digestOf = (reference: string) => parseImage(reference).digest;
