import type { Actions } from "./types";

const alarmTags = "cloudwatch:TagResource cloudwatch:UntagResource";

/** Logs, alarms, notifications and the budget. */
export const monitoringActions: Readonly<Record<string, Actions>> = {
  "aws:cloudwatch/logGroup:LogGroup": {
    read: "logs:DescribeLogGroups logs:ListTagsForResource",
    write:
      "logs:CreateLogGroup logs:DeleteLogGroup logs:DeleteRetentionPolicy logs:PutRetentionPolicy logs:TagResource logs:UntagResource",
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    read: "logs:DescribeMetricFilters",
    write: "logs:DeleteMetricFilter logs:PutMetricFilter",
  },
  "aws:cloudwatch/queryDefinition:QueryDefinition": {
    read: "logs:DescribeQueryDefinitions",
    write: "logs:DeleteQueryDefinition logs:PutQueryDefinition",
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    read: "cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource",
    write: `cloudwatch:DeleteAlarms cloudwatch:PutMetricAlarm ${alarmTags}`,
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
    read: "cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource",
    write: `cloudwatch:DeleteAlarms cloudwatch:PutCompositeAlarm ${alarmTags}`,
  },
  "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": {
    read: "cloudwatch:GetAlarmMuteRule cloudwatch:ListTagsForResource",
    write: `cloudwatch:DeleteAlarmMuteRule cloudwatch:PutAlarmMuteRule ${alarmTags}`,
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    read: "cloudwatch:GetDashboard",
    write: "cloudwatch:DeleteDashboards cloudwatch:PutDashboard",
  },
  "aws:sns/topic:Topic": {
    read: "sns:GetTopicAttributes sns:ListTagsForResource",
    write: "sns:CreateTopic sns:DeleteTopic sns:SetTopicAttributes sns:TagResource sns:UntagResource",
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    read: "sns:GetSubscriptionAttributes sns:ListSubscriptionsByTopic",
    write: "sns:SetSubscriptionAttributes sns:Subscribe sns:Unsubscribe",
  },
  "aws:budgets/budget:Budget": {
    read: "billing:GetBillingViewData budgets:ListTagsForResource budgets:ViewBudget",
    write: "budgets:ModifyBudget budgets:TagResource budgets:UntagResource",
  },
};
