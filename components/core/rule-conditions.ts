import type { RuleCondition, RuleMatch } from "./entrance";

/** The host and the path under which callers reach a service. Without them every request is one for the service. */
export interface RuleScope {
  readonly host?: string;
  readonly path?: string;
}

/** A rule holds at most five condition values: "Quotas for your Application Load Balancers". */
export function ruleConditions({ host, path }: RuleScope, { paths, header }: RuleMatch): RuleCondition[] {
  const patterns = path === undefined ? paths : (paths ?? everyPath).flatMap((each) => under(path, each));
  return [
    ...(host === undefined ? [] : [{ hostHeader: { values: [host] } }]),
    ...(patterns === undefined ? [] : [{ pathPattern: { values: [...patterns] } }]),
    ...(header === undefined ? [] : [{ httpHeader: { httpHeaderName: header.name, values: [header.value] } }]),
  ];
}

const everyPath = ["/*"];

const under = (path: string, pattern: string) => (pattern === "/*" ? [path, `${path}/*`] : [`${path}${pattern}`]);
