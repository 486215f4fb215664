import assert from "node:assert/strict";
import type { MonthlyUsd } from "../../../../components/pricing/stack-cost";
import { commentOf, markerOf, type Review } from "../../../../tools/review/comment";
import { pullRequestOf } from "../../../../tools/review/github";

const usd = (atMinimum: number, atMaximum: number) =>
  ({ atMinimum: { sum: atMinimum }, atMaximum: { sum: atMaximum } }) as MonthlyUsd;
const output = `Previewing update (dev)
     Type                 Name           Plan
 ~   aws:ecs:Service      inference-ecs  update

Policies:
    ❌ inference@v0.1.0 (local: policy)
        - [mandatory]  images-by-digest  (aws:ecs/taskDefinition:TaskDefinition: inference-ecs)
          The image has a tag.

Resources:
    + 2 to create
    ~ 3 to update
    +-1 to replace
    6 changes. 51 unchanged
`;
const review: Review = {
  stack: "dev",
  succeeded: true,
  output,
  before: usd(92.67, 151.19),
  after: usd(92.67, 140),
  advice: [],
  hasPolicies: false,
};
const withReview = (part: Partial<Review>) => commentOf({ ...review, ...part });

describe("npm run review", () => {
  it("begins with the mark of the stack and the number of changes", () =>
    assert.deepEqual(withReview({}).split("\n").slice(0, 3), [
      markerOf("dev"),
      "",
      "### Stack dev: 2 to create, 3 to update, 1 to replace",
    ]));

  it("says when nothing changes, and when the preview failed", () => {
    assert.match(withReview({ output: "Resources:\n    57 unchanged\n" }), /### Stack dev: no change\n/);
    assert.match(withReview({ succeeded: false }), /### Stack dev: the preview failed\n/);
  });

  it("prints the price beside what runs, with the difference", () => {
    assert.match(withReview({}), /\| at the fewest replicas \| 92\.67 \| 92\.67 \| 0 \|\n/);
    assert.match(withReview({}), /\| at the most replicas \| 151\.19 \| 140\.00 \| −11\.19 \|/);
    assert.match(
      withReview({ before: undefined }),
      /\| at the most replicas \| not deployed \| 140\.00 \| \+140\.00 \|/,
    );
    assert.match(withReview({ after: { unknown: "cpu is 1" } }), /\n\nNo estimate of the price: cpu is 1\n\n/);
  });

  it("quotes the policies' section only when the preview ran with policies", () => {
    assert.match(
      withReview({ hasPolicies: true }),
      /\nPolicies:\n\n```\n {4}❌ inference@v0\.1\.0 \(local: policy\)\n[\s\S]*The image has a tag\.\n```\n\n<details>/,
    );
    assert.doesNotMatch(withReview({}), /\nPolicies:\n\n```/);
    assert.match(
      withReview({ hasPolicies: true, output: "error" }),
      /\nPolicies: the preview ended before they were checked\.\n/,
    );
  });

  it("says when a rule runs that cannot run in a preview", () => {
    const unknown = output.replace("The image has a tag.", "can't run policy 'images-by-digest' during preview");
    const later = /\n```\n\n`can't run policy`: .* It runs in the update \(`ci\/steps\/update`\)\.\n\n<details>/;
    assert.match(withReview({ hasPolicies: true, output: unknown }), later);
    assert.doesNotMatch(withReview({ hasPolicies: true }), later);
  });

  it("does not take the tick of a failed preview for a verdict on the whole stack", () => {
    const ticked = { hasPolicies: true, output: "Policies:\n    ✅ inference@v0.1.0 (local: policy)\n" };
    const part = /\nPolicies, for the part of the stack that the failed preview reached:\n\n```\n {4}✅ /;
    assert.match(withReview({ ...ticked, succeeded: false }), part);
    assert.doesNotMatch(withReview(ticked), part);
    assert.doesNotMatch(withReview({ hasPolicies: true, succeeded: false }), part);
  });

  it("shows what to do about refused calls before the output", () =>
    assert.match(
      withReview({ advice: ["x may not call ec2:CreateVpc."] }),
      /may not call ec2:CreateVpc\.\n```\n\n<details>/,
    ));

  it("cuts an output that GitHub would refuse, and closes every block", () => {
    const page = withReview({ output: `${"x".repeat(70_000)}` });
    assert.ok(page.length < 65_536);
    assert.match(page, /… cut; the job's log has all of it\n```\n\n<\/details>$/);
    const fenced = withReview({ output: "a\n````\nb" });
    assert.match(fenced, /\n`````\na\n````\nb\n`````\n/);
  });

  it("posts only in a job for a pull request", () =>
    assert.throws(() => pullRequestOf({}), /^Error: --post needs GITHUB_API_URL, .*: run it in GitHub Actions/));
});
