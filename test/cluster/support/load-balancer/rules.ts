import type { IncomingMessage } from "node:http";
import type {
  Action,
  Rule as DescribedRule,
  FixedResponseActionConfig,
  Listener,
  RedirectActionConfig,
  RuleCondition,
} from "@aws-sdk/client-elastic-load-balancing-v2";

export interface WeightedGroup {
  readonly arn: string;
  readonly weight: number;
}

export type RuleAction =
  | { readonly type: "forward"; readonly groups: readonly WeightedGroup[] }
  | { readonly type: "fixed"; readonly status: number; readonly contentType: string; readonly body: string }
  | { readonly type: "redirect"; readonly status: number; readonly location: (request: IncomingMessage) => string };

export interface Rule {
  readonly matches: (request: IncomingMessage) => boolean;
  readonly action: RuleAction;
}

/** By priority, the default action last. */
export function rulesOf(rules: readonly DescribedRule[], listener: Listener): Rule[] {
  const priority = ({ IsDefault, Priority }: DescribedRule) =>
    IsDefault ? Number.POSITIVE_INFINITY : Number(Priority);
  return rules.toSorted((one, other) => priority(one) - priority(other)).map((rule) => ruleOf(rule, listener));
}

/** All conditions of a rule must match (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html). */
function ruleOf(rule: DescribedRule, listener: Listener): Rule {
  const conditions = (rule.Conditions ?? []).map(conditionOf);
  return {
    matches: (request) => conditions.every((matches) => matches(request)),
    action: actionOf(rule, listener),
  };
}

const hostOf = (request: IncomingMessage) => (request.headers.host ?? "").replace(/:\d+$/, "");
const pathOf = (request: IncomingMessage) => (request.url ?? "/").split("?", 1)[0] ?? "/";

function conditionOf(condition: RuleCondition): Rule["matches"] {
  const { Field, Values = [] } = condition;
  switch (Field) {
    case "path-pattern":
      return matching(condition.PathPatternConfig?.Values ?? Values, "", (request) => [pathOf(request)]);
    case "host-header":
      return matching(condition.HostHeaderConfig?.Values ?? Values, "i", (request) => [hostOf(request)]);
    case "http-header": {
      const { HttpHeaderName = "", Values: values = [] } = condition.HttpHeaderConfig ?? {};
      const name = HttpHeaderName.toLowerCase();
      return matching(values, "i", (request) => request.headersDistinct[name] ?? []);
    }
    case "http-request-method": {
      // Exact and without wildcards.
      const methods = condition.HttpRequestMethodConfig?.Values ?? Values;
      return ({ method = "" }) => methods.includes(method);
    }
    default:
      throw unsupported(`the condition "${Field}"`);
  }
}

/** What is not served is refused, so that no test passes by mistake. */
export const unsupported = (what: string) => new Error(`the load balancer of the tests does not support ${what}`);

/** One of the patterns must match one of the values. `*` is any text, `?` one character. */
function matching(patterns: string[], flags: "" | "i", valuesIn: (request: IncomingMessage) => string[]) {
  if (patterns.length === 0) throw unsupported("a condition without values");
  const expressions = patterns.map((pattern) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, `s${flags}`);
  });
  return (request: IncomingMessage) =>
    valuesIn(request).some((value) => expressions.some((expression) => expression.test(value)));
}

function actionOf({ Actions = [] }: DescribedRule, listener: Listener): RuleAction {
  const [action, ...more] = Actions;
  if (action && more.length === 0) {
    if (action.Type === "forward") return { type: "forward", groups: weightedGroups(action) };
    if (action.FixedResponseConfig) return fixedResponse(action.FixedResponseConfig);
    if (action.RedirectConfig) return redirect(action.RedirectConfig, listener);
  }
  const types = Actions.map(({ Type }) => Type).join(", ");
  throw unsupported(`the actions "${types}" of a rule`);
}

function weightedGroups({ ForwardConfig, TargetGroupArn }: Action): WeightedGroup[] {
  if (ForwardConfig?.TargetGroupStickinessConfig?.Enabled) throw unsupported("stickiness between target groups");
  const groups = ForwardConfig?.TargetGroups ?? [{ TargetGroupArn }];
  return groups.map(({ TargetGroupArn: arn = "", Weight = 1 }) => ({ arn, weight: Weight }));
}

const fixedResponse = ({
  StatusCode,
  ContentType = "text/plain",
  MessageBody = "",
}: FixedResponseActionConfig): RuleAction => ({
  type: "fixed",
  status: Number(StatusCode),
  contentType: ContentType,
  body: MessageBody,
});

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#redirect-actions */
function redirect(config: RedirectActionConfig, listener: Listener): RuleAction {
  const {
    Protocol = "#{protocol}",
    Host = "#{host}",
    Port = "#{port}",
    Path = "/#{path}",
    Query = "#{query}",
  } = config;
  const url = `${Protocol.toLowerCase()}://${Host}:${Port}${Path}?${Query}`;
  const status = config.StatusCode === "HTTP_301" ? 301 : 302;
  return { type: "redirect", status, location: (request) => filled(url, request, listener) };
}

function filled(url: string, request: IncomingMessage, listener: Listener): string {
  const values: Record<string, string> = {
    protocol: (listener.Protocol ?? "HTTP").toLowerCase(),
    host: hostOf(request),
    port: String(listener.Port),
    path: pathOf(request).slice(1),
    query: (request.url ?? "").split("?").slice(1).join("?"),
  };
  return url.replace(/#\{(\w+)\}/g, (_, name: string) => values[name] ?? "").replace(/\?$/, "");
}
