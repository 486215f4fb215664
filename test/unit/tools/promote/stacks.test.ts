import assert from "node:assert/strict";
import { releaseTag } from "../../../../tools/promote/release-tag";
import { repositoryOf, runningImage } from "../../../../tools/promote/stacks";
import type { DeployedStack } from "../../../../tools/stack/deployed";

const digest = `sha256:${"a".repeat(64)}`;
const repositoryUrl = "123456789012.dkr.ecr.us-east-1.amazonaws.com/inference-0a1b2c3";
const resources = [
  { type: "inference:aws:Registry", urn: "", outputs: { image: `${repositoryUrl}@${digest}` } },
  { type: "aws:ecr/repository:Repository", urn: "", outputs: { repositoryUrl } },
];

function stack(own: Partial<DeployedStack> = {}): DeployedStack {
  const connection = { assumeRoles: [], endpoints: {} };
  return { name: "dev", connection, resources, outputs: { imageDigest: digest }, ...own };
}

describe("runningImage and repositoryOf", () => {
  it("return the image of the last successful update", () =>
    assert.equal(runningImage(stack()), `${repositoryUrl}@${digest}`));

  it("refuse after a later failed update", () =>
    assert.throws(
      () => runningImage(stack({ outputs: { imageDigest: `sha256:${"b".repeat(64)}` } })),
      /Stack dev declares \S+@sha256:a+, and its last successful update ran sha256:b+\. Finish the update: pulumi up --stack dev$/,
    ));

  for (const [title, own] of [
    ["was never deployed", { resources: [], outputs: {} }],
    ["has no update that ended well", { outputs: {} }],
    ["runs on this machine", { resources: [] }],
  ] as const) {
    it(`gives none when it ${title}`, () =>
      assert.throws(
        () => runningImage(stack(own)),
        /Stack dev runs no image on AWS\. Deploy it: pulumi up --stack dev$/,
      ));
  }

  it("find the repository in the state", () => assert.equal(repositoryOf(stack()), repositoryUrl));

  it("refuse a stack without a repository, with the command that creates it", () =>
    assert.throws(
      () => repositoryOf(stack({ name: "prod", resources: [] })),
      /Stack prod has no repository yet\. Create it, then promote again:\n {2}pulumi up --stack prod --target /,
    ));
});

describe("releaseTag", () => {
  it("holds the day and the digest, and starts as the lifecycle rules expect", () =>
    assert.equal(releaseTag(digest, new Date("2026-11-29T23:59:00Z")), "release-2026-11-29-aaaaaaaaaaaa"));
});
