import {
  type PolicyConfigSchema,
  PolicyPack,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { rules } from "./rules";
import { type Properties, type Rule, unknownSettings } from "./rules/rule";

const stackOf = (urn: string) => urn.split(":")[2] ?? "";

const configSchemaOf = ({ settings }: Rule) => settings && ({ properties: settings } as unknown as PolicyConfigSchema);

function policyOf(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  const { name, description, advisoryBecause } = rule;
  const described = {
    name,
    description,
    enforcementLevel: advisoryBecause === undefined ? ("mandatory" as const) : ("advisory" as const),
    configSchema: configSchemaOf(rule),
  };
  if ("inStack" in rule)
    return {
      ...described,
      validateStack: ({ resources, getConfig }, report) => {
        const context = { stack: stackOf(resources[0]?.urn ?? ""), config: getConfig<Properties>() };
        // The CLI panics at a report without a resource.
        for (const text of unknownSettings(rule, context.config)) report(text, resources[0]?.urn);
        for (const { text, resource } of rule.inStack(resources, context)) report(text, resource.urn);
      },
    };
  return {
    ...described,
    validateResource: ({ type, name: own, urn, props, getConfig }, report) => {
      if (!rule.types.includes(type)) return;
      const context = { stack: stackOf(urn), config: getConfig<Properties>() };
      for (const text of unknownSettings(rule, context.config)) report(text);
      for (const text of rule.violations({ type, name: own, urn, props }, context)) report(text);
    },
  };
}

new PolicyPack("inference", { policies: rules.map(policyOf) });
