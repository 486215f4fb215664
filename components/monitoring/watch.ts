import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Window } from "../core/schedule";
import type { Alarm } from "./alarm";
import { createAlarm, type Dimensions } from "./create-alarm";
import { quietHours } from "./mute-schedule";
import type { Actions } from "./notifications";

export interface Watched {
  readonly alarm: Alarm;
  readonly resource: aws.cloudwatch.MetricAlarm;
}

/** Alarms on one resource. Warnings notify by themselves; paging alarms notify through the composite of `pageFor`. */
export function watch(
  name: string,
  alarms: readonly Alarm[],
  dimensions: Dimensions,
  actions: Actions,
  inside: pulumi.ResourceOptions,
): Watched[] {
  return alarms.map((alarm) => {
    const notified = alarm.urgency === "warning" ? actions.warning : [];
    return { alarm, resource: createAlarm(name, alarm, dimensions, notified, inside) };
  });
}

export interface Page {
  readonly name: string;
  readonly says: string;
  /** Windows with 0 replicas, in which the composite alarm is muted. */
  readonly windows: Readonly<Record<string, Window>>;
  readonly actions: Actions;
  /** Unique to this stack in the account. */
  readonly owner: pulumi.Input<string>;
}

/** A composite alarm that pages once when any of the paging alarms fires. */
export function pageFor(watched: readonly Watched[], page: Page, inside: pulumi.ResourceOptions) {
  const { name, says, windows, actions, owner } = page;
  const members = watched.filter(({ alarm }) => alarm.urgency === "page").map(({ resource }) => resource.name);
  const composite = new aws.cloudwatch.CompositeAlarm(
    `${name}-page`,
    {
      // AWS does not name composites, and overwrites one of the same name (PutCompositeAlarm): two people's stacks may be called alike.
      alarmName: pulumi.interpolate`${name}-${pulumi.getStack()}-page-${owner}`,
      alarmDescription: `${says}: each alarm that fires says what to do.`,
      alarmRule: pulumi.all(members).apply((names) => names.map((each) => `ALARM("${each}")`).join(" OR ")),
      alarmActions: [...actions.page],
      okActions: [...actions.page],
    },
    inside,
  );
  mute({ name, windows, alarmName: composite.alarmName }, inside);
  return composite;
}

export interface Muted {
  readonly name: string;
  readonly windows: Page["windows"];
  readonly alarmName: pulumi.Input<string>;
  /** The region of the alarm, when it is not the one of the stack. */
  readonly region?: string;
}

/** Mutes the alarm in the windows with 0 replicas. */
export function mute({ name, windows, alarmName, region }: Muted, inside: pulumi.ResourceOptions): void {
  for (const [window, schedule] of Object.entries(quietHours(windows))) {
    new aws.cloudwatch.AlarmMuteRule(
      `${name}-${window}`,
      {
        ...(region && { region }),
        description: `Nothing runs in the window ${window}: the alarm changes its state and tells nobody`,
        muteTargets: { alarmNames: [alarmName] },
        rule: { schedule },
      },
      inside,
    );
  }
}
