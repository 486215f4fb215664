import { type AwsTargetName, awsTargets, defaultTarget } from "../../components/targets";
import type { Config } from "../stack/file";
import { ownKey } from "./stack-copy";

export type Kind = "preview" | "update" | "broken update" | "try" | "load" | "destroy" | "leftovers";

export interface Step {
  /** In file names. */
  readonly name: string;
  readonly title: string;
  readonly kind: Kind;
  /** Beside those that all steps share. */
  readonly keys: Config;
  /** Load runs during the step, and the design promises that no request is lost. */
  readonly isUnderLoad: boolean;
  /** The image must be another one afterwards. */
  readonly rollsOut?: true;
  /** An assumption, for the estimate. */
  readonly minutes: number;
  /** The target whose first URL the step waits for, by `npm run compare`. */
  readonly creates?: AwsTargetName;
}

/** The keys that the second and the broken version change. */
export interface Versions {
  readonly second: Config;
  readonly broken: Config;
}

const on = (target: string): Config => ({ [ownKey("target")]: target });

/** The story, from an empty account to an empty account. */
export function story(versions: Versions): Step[] {
  const quiet = { isUnderLoad: false, keys: on(defaultTarget.name) } as const;
  const { name: creates, label } = defaultTarget;
  return [
    { ...quiet, name: "preview", title: "Preview", kind: "preview", minutes: 1 },
    { ...quiet, name: "up", title: `Up on ${label}`, kind: "update", minutes: 1, creates },
    { ...quiet, name: "try", title: "Try one task", kind: "try", minutes: 3 },
    { ...quiet, name: "load", title: "Load", kind: "load", minutes: 2 },
    ...changesUnderLoad(versions),
    { ...quiet, name: "destroy", title: "Destroy", kind: "destroy", minutes: 25 },
    { ...quiet, name: "leftovers", title: "What is left", kind: "leftovers", minutes: 10 },
  ];
}

function changesUnderLoad({ second, broken }: Versions): Step[] {
  const update = { kind: "update", isUnderLoad: true } as const;
  const others = awsTargets.filter(({ name }) => name !== defaultTarget.name);
  const first = on("both");
  const good = { ...first, ...second };
  const bad = { ...good, ...broken };
  return [
    ...others.map(
      ({ name, label }): Step => ({
        ...update,
        name: `flip-to-${name}`,
        title: `Flip to ${label}`,
        keys: on(name),
        minutes: 5,
        creates: name,
      }),
    ),
    { ...update, name: "both", title: "Both", keys: first, minutes: 8 },
    { ...update, name: "new-image", title: "New image on both", keys: good, rollsOut: true, minutes: 10 },
    { ...update, name: "broken-image", title: "Broken image on both", kind: "broken update", keys: bad, minutes: 25 },
    { ...update, name: "back", title: "Back to the good image", keys: good, minutes: 10 },
  ];
}
