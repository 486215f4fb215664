import type { Problem } from "../core/problems";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { decimal, integer, integerIn, list, object, oneOf, optional, redacted, text } from "./schema";

const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const email = text("an e-mail address", (value) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value));
/** A secret: anyone who knows the URL can page. */
const pager = redacted(
  text("the https:// address of a service that confirms SNS subscriptions", (value) => /^https:\/\/\S+$/.test(value)),
);

/** Subscribers of one notification: docs.aws.amazon.com/cost-management, budgets-best-practices. */
const mostBudgetEmails = 10;

export const monitoringKeys = {
  alarms: entry({
    schema: object(
      { p99Seconds: decimal(0.001, 60), errorPercent: decimal(0, 99), loadBalancerErrors: integer(0, 1_000_000) },
      { p99Seconds: 1, errorPercent: 5, loadBalancerErrors: 10 },
    ),
    text: "When alarms fire: the p99 latency of a variant, its share of 5xx responses, and the 5xx responses of the load balancer itself within five minutes. Set `p99Seconds` to what your callers accept.",
    example: { alarms: { p99Seconds: 0.5, errorPercent: 1 } },
  }),
  notifications: entry({
    schema: object(
      { emails: list(email), pagers: list(pager), monthlyBudgetUsd: optional(integer(1, 10_000_000)) },
      { emails: [], pagers: [] },
    ),
    text: "Who receives alarms. `emails` receive all of them, `pagers` (https addresses) only those that page; each confirms its subscription once. With `monthlyBudgetUsd` AWS Budgets writes to the emails when the forecast of the whole account's month passes 80 % and 100 % of it. Anyone with the address of a pager can page, so keep it encrypted: `pulumi config set --secret --path 'notifications.pagers[0]' https://…`.",
    example: { notifications: { emails: ["oncall@example.com"], monthlyBudgetUsd: 500 } },
    mayBeEncrypted: true,
  }),
  logRetentionDays: entry({
    schema: integerIn(retentionDays),
    fallback: 30,
    text: "For how many days CloudWatch keeps the logs. With `protect: true` they outlive what wrote them: the service after a flip, and the firewall after `waf` is off.",
    example: { logRetentionDays: 7 },
  }),
  insights: entry({
    schema: oneOf(["off", "standard", "enhanced"]),
    fallback: "enhanced",
    text: "CloudWatch Container Insights: `off`, `standard`, or `enhanced` (for each task, pod and container). AWS bills its metrics; `npm run compare` prints the cost. With `off` the dashboard counts healthy replicas instead of running ones, and EKS has no charts or alarms of CPU and memory.",
    example: { insights: "standard" },
  }),
};

export const monitoringRules = [
  whenValid({
    key: "notifications",
    fact: `Each address appears once in its list. \`monthlyBudgetUsd\` needs 1 to ${mostBudgetEmails} emails.`,
    reads: ["notifications"],
    problems: notificationProblems,
  }),
];

function notificationProblems({ notifications }: Pick<Values, "notifications">): Problem[] {
  const { emails, monthlyBudgetUsd } = notifications;
  const twice = (["emails", "pagers"] as const)
    .filter((key) => new Set(notifications[key]).size < notifications[key].length)
    .map((key) => ({
      key: `notifications.${key}`,
      value: { emails, pagers: "[not shown]" }[key],
      expected: "each address once",
    }));
  if (monthlyBudgetUsd === undefined) return twice;
  const most = {
    key: "notifications.emails",
    value: emails.length,
    expected: `at most ${mostBudgetEmails} with monthlyBudgetUsd: AWS Budgets takes no more`,
  };
  const nobody = {
    key: "notifications.monthlyBudgetUsd",
    value: monthlyBudgetUsd,
    expected: "at least one address under notifications.emails to send the forecast to",
  };
  return [...twice, ...(emails.length > mostBudgetEmails ? [most] : []), ...(emails.length === 0 ? [nobody] : [])];
}
