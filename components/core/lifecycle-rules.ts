/** A rule of an ECR repository, as its lifecycle policy writes it. */
export interface LifecycleRule {
  readonly rulePriority: number;
  readonly description?: string;
  readonly selection: {
    readonly tagStatus: "tagged" | "untagged" | "any";
    readonly tagPatternList?: readonly string[];
    readonly tagPrefixList?: readonly string[];
    readonly countType: string;
    readonly countUnit?: string;
    readonly countNumber: number;
  };
  readonly action: { readonly type: string };
}

/** How the tag of a promoted image starts. */
export const releasePrefix = "release-";

/** More than a repository ever has, so the rule expires none and protects its images from all later rules. */
const neverReached = 1000;

/**
 * An image that matches a rule cannot be expired by a later one (ECR user guide, lifecycle policies), so the rule for releases comes
 * first: a build that was released has a tag v... as well.
 */
export const lifecycleRules: readonly LifecycleRule[] = [
  {
    rulePriority: 1,
    description: "Keep releases",
    selection: {
      tagStatus: "tagged",
      tagPatternList: [`${releasePrefix}*`],
      countType: "imageCountMoreThan",
      countNumber: neverReached,
    },
    action: { type: "expire" },
  },
  {
    rulePriority: 2,
    description: "Expire untagged images after 7 days",
    selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
    action: { type: "expire" },
  },
  {
    rulePriority: 3,
    description: "Keep the last 10 builds",
    selection: { tagStatus: "tagged", tagPatternList: ["v*"], countType: "imageCountMoreThan", countNumber: 10 },
    action: { type: "expire" },
  },
];

/** The rule that will expire an image with these tags; none when the first rule that it matches keeps it, or none does. */
export function expiringRule(rules: readonly LifecycleRule[], tags: readonly string[]): LifecycleRule | undefined {
  const [first] = rules
    .filter((rule) => rule.action.type === "expire" && selects(rule, tags))
    .sort((one, other) => one.rulePriority - other.rulePriority);
  if (first?.selection.countType === "imageCountMoreThan" && first.selection.countNumber >= neverReached)
    return undefined;
  return first;
}

/** Each pattern of a rule has to match one of the tags. */
function selects({ selection }: LifecycleRule, tags: readonly string[]): boolean {
  const { tagStatus, tagPatternList = [], tagPrefixList = [] } = selection;
  if (tagStatus === "any") return true;
  if (tagStatus === "untagged") return tags.length === 0;
  const patterns = [...tagPatternList, ...tagPrefixList.map((prefix) => `${prefix}*`)];
  return patterns.every((pattern) => tags.some((tag) => matches(pattern, tag)));
}

function matches(pattern: string, tag: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[^\w-]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(tag);
}
