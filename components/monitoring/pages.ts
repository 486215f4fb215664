import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { CreatedAlarm } from "./create-alarms";
import type { Windows } from "./limits";
import { muteSchedules } from "./mute-schedule";

export interface Page {
  readonly name: string;
  /** First words of the mail. */
  readonly says: string;
  /** The composite alarm is muted in those with 0 replicas. */
  readonly windows: Windows;
  readonly actions: readonly pulumi.Input<string>[];
  /** Unique to this stack in the account. */
  readonly owner: pulumi.Input<string>;
}

/** A composite alarm that pages once when any of the paging alarms fires. Without a paging alarm there is none. */
export function createPage(
  created: readonly CreatedAlarm[],
  { name, says, windows, actions, owner }: Page,
  inside: pulumi.ResourceOptions,
): aws.cloudwatch.CompositeAlarm[] {
  const members = created.filter(({ alarm }) => alarm.urgency === "page").map(({ resource }) => resource.name);
  if (members.length === 0) return [];
  const composite = new aws.cloudwatch.CompositeAlarm(
    `${name}-page`,
    {
      // AWS does not name composite alarms, and PutCompositeAlarm overwrites one of the same name: two people's stacks can have the same name.
      alarmName: pulumi.interpolate`${name}-${pulumi.getStack()}-page-${owner}`,
      alarmDescription: `${says}: each alarm that fires says what to do.`,
      alarmRule: pulumi.all(members).apply((names) => names.map((each) => `ALARM("${each}")`).join(" OR ")),
      alarmActions: [...actions],
      okActions: [...actions],
    },
    inside,
  );
  mute({ name, windows, alarmNames: [composite.alarmName] }, inside);
  return [composite];
}

export interface Muted {
  readonly name: string;
  readonly windows: Windows;
  readonly alarmNames: readonly pulumi.Input<string>[];
  /** The region of the alarms, when it is not the one of the stack. */
  readonly region?: string;
}

/** Mutes the alarms in the windows with 0 replicas. */
export function mute({ name, windows, alarmNames, region }: Muted, inside: pulumi.ResourceOptions): void {
  for (const [window, schedule] of Object.entries(muteSchedules(windows))) {
    new aws.cloudwatch.AlarmMuteRule(
      `${name}-${window}`,
      {
        ...(region && { region }),
        description: `No replica runs in the window ${window}: alarms change their state, but notify nobody.`,
        muteTargets: { alarmNames: [...alarmNames] },
        rule: { schedule },
      },
      inside,
    );
  }
}
