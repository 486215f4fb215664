import { fromJson, list, object, type ResourceRule, type StackRule } from "./rule";

/** The property that protects, and its value. */
const protecting: Readonly<Record<string, readonly [key: string, value: boolean]>> = {
  "aws:lb/loadBalancer:LoadBalancer": ["enableDeletionProtection", true],
  "aws:rds/instance:Instance": ["deletionProtection", true],
  "aws:ecr/repository:Repository": ["forceDelete", false],
  "aws:s3/bucket:Bucket": ["forceDestroy", false],
  "aws:s3/bucketV2:BucketV2": ["forceDestroy", false],
};

export const deletionProtection: ResourceRule = {
  name: "deletion-protection",
  description:
    "In protected stacks nothing deletes a load balancer or a database, or the content of a bucket or repository.",
  settings: { stacks: { type: "array", items: { type: "string" }, default: ["prod"] } },
  types: Object.keys(protecting),
  violations: ({ type, props }, { stack, config }) => {
    const [key, value] = protecting[type] ?? ["", false];
    if (!list(config.stacks).includes(stack) || (props[key] ?? false) === value) return [];
    return [`${key} is ${props[key] ?? false}; expected ${value} in stack ${stack}`];
  },
};

export const tags: ResourceRule = {
  name: "tags",
  description: "The AWS provider sets default tags, so that every resource says what it belongs to.",
  settings: { required: { type: "array", items: { type: "string" }, default: [] } },
  types: ["pulumi:providers:aws"],
  violations: ({ props }, { config }) => {
    const given = Object.keys(object(object(fromJson(props.defaultTags)).tags));
    if (given.length === 0) return ["the provider has no default tags; expected aws:defaultTags"];
    const missing = list(config.required).filter((tag) => !given.includes(String(tag)));
    return missing.length === 0
      ? []
      : [`the default tags are ${given.join(", ")}; expected ${missing.join(", ")} as well`];
  },
};

export const monthlyCost: StackRule = {
  name: "monthly-cost",
  description:
    "What a stack costs at its most replicas (its output monthlyUsd) is within the budget. Without a budget it checks nothing.",
  settings: { budgetUsd: { type: "number" } },
  inStack: (resources, { config }) => {
    const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const { sum } = object(object(stack?.props.monthlyUsd).atMaximum);
    if (!stack || typeof sum !== "number" || typeof config.budgetUsd !== "number" || sum <= config.budgetUsd) return [];
    return [
      { resource: stack, text: `monthlyUsd.atMaximum is ${sum.toFixed(2)}; expected at most ${config.budgetUsd}` },
    ];
  },
};
