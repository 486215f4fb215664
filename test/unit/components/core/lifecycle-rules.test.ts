import assert from "node:assert/strict";
import { expiringRule, type LifecycleRule, lifecycleRules } from "../../../../components/core/lifecycle-rules";

describe("lifecycleRules", () => {
  for (const [tags, description] of [
    [[], "Expire untagged images after 7 days"],
    [["v0.1.0-0123456789ab"], "Keep the last 10 builds"],
    [["release-2026-11-29-0123456789ab"], undefined],
    [["v0.1.0-0123456789ab", "release-2026-11-29-0123456789ab"], undefined],
    [["by-hand"], undefined],
  ] as const) {
    it(`expire by ${description ?? "no rule"}: ${tags.join(", ") || "no tag"}`, () =>
      assert.equal(expiringRule(lifecycleRules, tags)?.description, description));
  }

  it("have different priorities, as ECR requires", () =>
    assert.deepEqual(
      lifecycleRules.map(({ rulePriority }) => rulePriority),
      [1, 2, 3],
    ));
});

describe("expiringRule", () => {
  const rule = (rulePriority: number, selection: Partial<LifecycleRule["selection"]>): LifecycleRule => ({
    rulePriority,
    selection: { tagStatus: "tagged", countType: "sinceImagePushed", countNumber: 1, ...selection },
    action: { type: "expire" },
  });
  const priority = (rules: readonly LifecycleRule[], ...tags: string[]) => expiringRule(rules, tags)?.rulePriority;

  it("is the matching rule with the lowest priority number, in any order of the list", () =>
    assert.equal(priority([rule(2, { tagStatus: "any" }), rule(1, { tagPatternList: ["v*"] })], "v1"), 1));

  it("matches only with a tag for each of its patterns", () => {
    const both = [rule(1, { tagPatternList: ["v*", "*-rc"] })];
    assert.deepEqual([priority(both, "v1"), priority(both, "v1", "1-rc"), priority(both, "v1-rc")], [undefined, 1, 1]);
  });

  it("matches prefixes, and treats only * as a wildcard", () => {
    assert.equal(priority([rule(1, { tagPrefixList: ["main"] })], "main-7"), 1);
    assert.equal(priority([rule(1, { tagPatternList: ["1.0*"] })], "100"), undefined);
  });

  it("is undefined for an action that keeps the image", () =>
    assert.equal(priority([{ ...rule(1, { tagStatus: "any" }), action: { type: "transition" } }], "v1"), undefined));
});
