import type { Account } from "../../../fakes/account";
import { recordsIn } from "../../../fakes/values";

const ruleType = "aws:lb/listenerRule:ListenerRule";

interface Forward {
  readonly targetGroups?: unknown;
}

function describeAction({ type, forward, authenticateOidc }: Record<string, unknown>): string {
  const groups = recordsIn((forward as Forward | undefined)?.targetGroups).map(
    ({ arn, weight }) => `<member><TargetGroupArn>${arn}</TargetGroupArn><Weight>${weight}</Weight></member>`,
  );
  const config = forward ? `<ForwardConfig><TargetGroups>${groups.join("")}</TargetGroups></ForwardConfig>` : "";
  // ELB never returns the client secret.
  const oidc = authenticateOidc ? "<AuthenticateOidcConfig><ClientId>client</ClientId></AuthenticateOidcConfig>" : "";
  return `<member><Type>${type}</Type>${config}${oidc}</member>`;
}

export function describeRules(account: Account, form: URLSearchParams): string {
  const arn = form.get("RuleArns.member.1");
  const rules = account
    .of(ruleType)
    .filter(({ id, inputs }) => (arn === null ? inputs.listenerArn === form.get("ListenerArn") : id === arn))
    .map(({ id, inputs }) => {
      const actions = recordsIn(inputs.actions).map(describeAction).join("");
      return `<member><RuleArn>${id}</RuleArn><Priority>${inputs.priority}</Priority><Actions>${actions}</Actions></member>`;
    });
  return `<Rules>${rules.join("")}</Rules>`;
}

function weightsIn(form: URLSearchParams, action: string) {
  const groups = `${action}.ForwardConfig.TargetGroups.member`;
  return Array.from({ length: 5 }, (_, index) => `${groups}.${index + 1}`).flatMap((group) => {
    const arn = form.get(`${group}.TargetGroupArn`);
    return arn === null ? [] : [{ arn, weight: Number(form.get(`${group}.Weight`)) }];
  });
}

/** Replaces all actions of a rule: ELB drops one that is left out, and keeps the client secret only with UseExistingClientSecret. */
export function modifyRule(account: Account, form: URLSearchParams): string {
  const rule = account.of(ruleType).find(({ id }) => id === form.get("RuleArn"));
  if (rule === undefined) throw new Error("RuleNotFound");
  const before = recordsIn(rule.inputs.actions);
  const actions = Array.from({ length: 10 }, (_, index) => `Actions.member.${index + 1}`).flatMap((action) => {
    const type = form.get(`${action}.Type`);
    if (type === null) return [];
    const found = before.find((one) => one.type === type);
    if (type === "authenticate-oidc" && form.get(`${action}.AuthenticateOidcConfig.UseExistingClientSecret`) !== "true")
      throw new Error("InvalidConfigurationRequest: ClientSecret is missing");
    return [type === "forward" ? { ...found, forward: { targetGroups: weightsIn(form, action) } } : { ...found }];
  });
  account.drift(rule.urn, { actions });
  return "";
}
