import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Drain } from "./service-spec";

interface Group {
  readonly arn: string;
  readonly weight: number;
}

/** A listener rule's inputs as the engine keeps them. */
interface ForwardingRule {
  readonly actions?: readonly { readonly forward?: { readonly targetGroups?: readonly Group[] } }[];
}

/** What the load balancer needs beyond the deregistration delay to take a changed rule. */
const marginSeconds = 5;

const weights = (rule: ForwardingRule) =>
  new Map(rule.actions?.flatMap(({ forward }) => forward?.targetGroups ?? []).map(({ arn, weight }) => [arn, weight]));

/** Target groups that get a smaller share than before, or none. */
export function losers(before: ForwardingRule, after: ForwardingRule): string[] {
  const now = weights(after);
  return [...weights(before)].filter(([arn, weight]) => (now.get(arn) ?? 0) < weight).map(([arn]) => arn);
}

/** The engine hands over a property with a secret in it, such as that of an identity provider, as an output. */
const known = (rule: object) => new Promise<ForwardingRule>((resolve) => void pulumi.output(rule).apply(resolve));

/**
 * The engine deletes what is no longer declared within milliseconds of the program's end. As a hook of the public rule this keeps
 * the program open after traffic was taken from a group, until that group has answered what it already had.
 */
export function settleAfter(
  drain: Drain,
  wait = (seconds: number) => sleep(seconds * 1000),
): pulumi.ResourceHookFunction {
  return async ({ oldInputs = {}, newInputs = {} }) => {
    const left = losers(await known(oldInputs), await known(newInputs));
    if (left.length === 0) return;
    const seconds = drain.deregistrationSeconds + marginSeconds;
    await pulumi.log.info(
      `traffic has moved; waiting ${seconds} s for ${left.length} target group(s) to finish their requests`,
    );
    await wait(seconds);
  };
}
