import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Actions } from "./create-alarms";

export interface Notifications {
  readonly emails: readonly string[];
  readonly pagers: readonly string[];
  readonly monthlyBudgetUsd?: number;
}

/** Two topics: pages go to emails and pagers, warnings to emails only. Without subscribers there are none. */
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
  createBudget(name, notifications, inside);
  const key = createKey(name, {}, inside);
  const page = createTopic(`${name}-page`, key, allSubscribers(notifications), {}, inside);
  return {
    page: [page.arn],
    warning:
      emails.length === 0 ? [] : [createTopic(`${name}-warning`, key, emailSubscribers(notifications), {}, inside).arn],
  };
}

/** A topic for pages in another region: an alarm publishes to topics of its own region only. Each subscriber must confirm it as well. */
export function createPageTopic(
  name: string,
  notifications: Notifications,
  region: string,
  inside: pulumi.ResourceOptions,
): readonly pulumi.Input<string>[] {
  const subscribers = allSubscribers(notifications);
  if (subscribers.length === 0) return [];
  const key = createKey(name, { region }, inside);
  return [createTopic(`${name}-page`, key, subscribers, { region }, inside).arn];
}

interface Subscriber {
  readonly protocol: string;
  readonly endpoint: string;
}

const emailSubscribers = ({ emails }: Notifications): Subscriber[] =>
  emails.map((endpoint) => ({ protocol: "email", endpoint }));

const allSubscribers = (notifications: Notifications): Subscriber[] => [
  ...emailSubscribers(notifications),
  ...notifications.pagers.map((endpoint) => ({ protocol: "https", endpoint })),
];

interface TopicRegion {
  /** When it is not the one of the stack. */
  readonly region?: string;
}

/** Alarms cannot publish with the AWS managed key of SNS, whose policy cannot be changed. */
function createKey(name: string, at: TopicRegion, inside: pulumi.ResourceOptions) {
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
    { ...at, description: "Encrypts alarm notifications", enableKeyRotation: true, deletionWindowInDays: 7, policy },
    inside,
  );
}

function createTopic(
  name: string,
  key: aws.kms.Key,
  subscribers: readonly Subscriber[],
  at: TopicRegion,
  inside: pulumi.ResourceOptions,
) {
  const topic = new aws.sns.Topic(name, { ...at, kmsMasterKeyId: key.arn }, inside);
  for (const { protocol, endpoint } of subscribers) {
    // Anyone who knows a pager's address can page, so names and state must not show it.
    const [label, address] = protocol === "https" ? [hashOf(endpoint), pulumi.secret(endpoint)] : [endpoint, endpoint];
    new aws.sns.TopicSubscription(`${name}-${label}`, { ...at, topic: topic.arn, protocol, endpoint: address }, inside);
  }
  return topic;
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** The forecast warns before the money is spent. */
function createBudget(name: string, { emails, monthlyBudgetUsd }: Notifications, inside: pulumi.ResourceOptions) {
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
