import type { Account } from "../../../fakes/account";
import { stringsIn } from "../../../fakes/values";
import { describeHealth } from "./health";
import { describeRules, modifyRule } from "./rules";

function describeLoadBalancers(account: Account): string {
  const all = account.of("aws:lb/loadBalancer:LoadBalancer").map(({ id, inputs }) => {
    const groups = stringsIn(inputs.securityGroups).map((group) => `<member>${group}</member>`);
    return `<member><LoadBalancerArn>${id}</LoadBalancerArn><SecurityGroups>${groups.join("")}</SecurityGroups></member>`;
  });
  return `<LoadBalancers>${all.join("")}</LoadBalancers>`;
}

function describeListeners(account: Account, form: URLSearchParams): string {
  const arns = account
    .of("aws:lb/listener:Listener")
    .filter(({ inputs }) => inputs.loadBalancerArn === form.get("LoadBalancerArn"))
    .map(({ id }) => `<member><ListenerArn>${id}</ListenerArn></member>`);
  return `<Listeners>${arns.join("")}</Listeners>`;
}

export function answerLoadBalancing(account: Account, form: URLSearchParams): string {
  const action = form.get("Action") ?? "";
  const actions: Record<string, typeof describeHealth> = {
    DescribeTargetHealth: describeHealth,
    DescribeLoadBalancers: describeLoadBalancers,
    DescribeListeners: describeListeners,
    DescribeRules: describeRules,
    ModifyRule: modifyRule,
  };
  const result = actions[action]?.(account, form) ?? "";
  return `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
}
