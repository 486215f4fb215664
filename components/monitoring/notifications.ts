import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Alarm } from "./alarm";

export interface Notifications {
  readonly emails: readonly string[];
  readonly pagers: readonly string[];
  readonly monthlyBudgetUsd?: number;
}

/** The actions of an alarm, by urgency. */
export type Actions = Readonly<Record<Alarm["urgency"], readonly pulumi.Input<string>[]>>;

/** Two topics: pages go to emails and pagers, warnings to emails only. Without subscribers there are no topics. */
export function createNotifications(
  name: string,
  notifications: Notifications,
  inside: pulumi.ResourceOptions,
): Actions {
  const { emails, pagers } = notifications;
  if (emails.length + pagers.length === 0) {
    pulumi.log.info("alarms notify nobody: set notifications.emails", inside.parent);
    return { page: [], warning: [] };
  }
  watchSpending(name, notifications, inside);
  const key = createKey(name, {}, inside);
  const page = createTopic(`${name}-page`, key, everybody(notifications), {}, inside);
  return {
    page: [page.arn],
    warning: emails.length === 0 ? [] : [createTopic(`${name}-warning`, key, byEmail(notifications), {}, inside).arn],
  };
}

/** An alarm publishes to topics of its own region only. Each subscriber must confirm this topic as well. */
export function createPageElsewhere(
  name: string,
  notifications: Notifications,
  region: string,
  inside: pulumi.ResourceOptions,
): readonly pulumi.Input<string>[] {
  const subscribers = everybody(notifications);
  if (subscribers.length === 0) return [];
  const key = createKey(name, { region }, inside);
  return [createTopic(`${name}-page`, key, subscribers, { region }, inside).arn];
}

interface Subscriber {
  readonly protocol: string;
  readonly endpoint: string;
}

const byEmail = ({ emails }: Notifications): Subscriber[] =>
  emails.map((endpoint) => ({ protocol: "email", endpoint }));

const everybody = (notifications: Notifications): Subscriber[] => [
  ...byEmail(notifications),
  ...notifications.pagers.map((endpoint) => ({ protocol: "https", endpoint })),
];

/** `region` when it is not the one of the stack. */
interface Place {
  readonly region?: string;
}

/** Alarms cannot publish with the AWS managed key of SNS, whose policy cannot be changed. */
function createKey(name: string, place: Place, inside: pulumi.ResourceOptions) {
  const { accountId } = aws.getCallerIdentityOutput({}, inside);
  const policy = pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Administration",
        Effect: "Allow",
        Principal: { AWS: pulumi.interpolate`arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "Alarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
        Resource: "*",
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      },
    ],
  });
  return new aws.kms.Key(
    `${name}-notifications`,
    { ...place, description: "What alarms say", enableKeyRotation: true, deletionWindowInDays: 7, policy },
    inside,
  );
}

function createTopic(
  name: string,
  key: aws.kms.Key,
  subscribers: readonly Subscriber[],
  place: Place,
  inside: pulumi.ResourceOptions,
) {
  const topic = new aws.sns.Topic(name, { ...place, kmsMasterKeyId: key.arn }, inside);
  for (const { protocol, endpoint } of subscribers) {
    // Anyone with a pager's address can page, so names and state must not show it.
    const [label, address] = protocol === "https" ? [hashOf(endpoint), pulumi.secret(endpoint)] : [endpoint, endpoint];
    new aws.sns.TopicSubscription(
      `${name}-${label}`,
      { ...place, topic: topic.arn, protocol, endpoint: address },
      inside,
    );
  }
  return topic;
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Warns before the money is spent, not after. */
function watchSpending(name: string, { emails, monthlyBudgetUsd }: Notifications, inside: pulumi.ResourceOptions) {
  if (monthlyBudgetUsd === undefined) return;
  new aws.budgets.Budget(
    name,
    {
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: String(monthlyBudgetUsd),
      limitUnit: "USD",
      notifications: [80, 100].map((threshold) => ({
        notificationType: "FORECASTED",
        comparisonOperator: "GREATER_THAN",
        threshold,
        thresholdType: "PERCENTAGE",
        subscriberEmailAddresses: [...emails],
      })),
    },
    inside,
  );
}
