import assert from "node:assert/strict";
import { keptImage } from "../../../../components/aws/ecr";
import { parseImage } from "../../../../components/core/image-reference";
import { lifecycleRules } from "../../../../components/core/lifecycle-rules";
import { warnOfExpiringImages } from "../../../../components/preflight/image-expiry";
import { type AwsAnswer, withAws } from "../../support/aws-answers";
import { declared, deployed } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const digest = `sha256:${"a".repeat(64)}`;
const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/inference-0a1b2c3@${digest}`;
const json = (body: object): AwsAnswer => ({ body: JSON.stringify(body) });

describe("warnOfExpiringImages", () => {
  const ask =
    (...tags: string[]) =>
    async () => ({ tags, rules: lifecycleRules });

  async function said(own: Readonly<Record<string, unknown>>, answer: Parameters<typeof warnOfExpiringImages>[1]) {
    const plan = await deployed(() => warnOfExpiringImages(settingsOf(own), answer));
    return { warnings: plan.said("warning"), infos: plan.said("info") };
  }

  it("warns of a pinned build that the rules of its repository delete, with the way to keep it", async () => {
    const { warnings } = await said({ image }, ask("v0.1.0-0123456789ab"));
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      /^image is \S+: a rule of its repository deletes it \("Keep the last 10 builds"\)\. /,
    );
    assert.match(warnings[0] ?? "", / Copy it: npm run promote -- --image \S+@sha256:a+ --to \w+$/);
  });

  it("names the variant that pins it", async () => {
    const variants = { blue: { target: "ecs", weight: 100, image } };
    const { warnings } = await said({ target: "variants", variants }, ask("v1"));
    assert.match(warnings.join(), /^variants\.blue\.image is /);
    assert.match(warnings.join(), / --to \w+ --copy-only\. Then set variants\.blue\.image to the copy\.$/);
  });

  it("warns of the image of a sidecar", async () => {
    const sidecars = { collector: { image, cpu: 32, memory: 64 } };
    const { warnings } = await said({ sidecars }, ask("v0.1.0-0123456789ab"));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^sidecars\.collector\.image is \S+: a rule of its repository deletes it /);
    assert.match(warnings[0] ?? "", / --copy-only\. Then set sidecars\.collector\.image to the copy\.$/);
  });

  it("does not warn of a release", async () =>
    assert.deepEqual(await said({ image }, ask("release-2026-11-29-aaaaaaaaaaaa")), { warnings: [], infos: [] }));

  for (const [title, own] of [
    ["a build", {}],
    ["an image outside ECR", { image: `ghcr.io/team/model@${digest}` }],
  ] as const) {
    const refuses = () => Promise.reject(new Error("ECR was asked"));
    it(`does not ask about ${title}`, async () =>
      assert.deepEqual(await said(own, refuses), { warnings: [], infos: [] }));
  }

  it("reports that it could not check, and refuses nothing", async () => {
    const { warnings, infos } = await said({ image }, () => Promise.reject(new Error("not yours")));
    assert.deepEqual(warnings, []);
    assert.match(infos.join(), /^image: could not check whether its repository keeps \S+: not yours$/);
  });

  it("makes no call in a preview", async () => {
    const refuses = () => Promise.reject(new Error("ECR was asked"));
    const plan = await declared(() => warnOfExpiringImages(settingsOf({ image }), refuses));
    assert.deepEqual([plan.said("warning"), plan.said("info")], [[], []]);
  });
});

describe("keptImage", () => {
  const described = json({ imageDetails: [{ imageTags: ["v1"] }] });
  function asking(policy: AwsAnswer) {
    return withAws({ DescribeImages: described, GetLifecyclePolicy: policy }, async (url, asked) => {
      const keys = { accessKeyId: "A", secretAccessKey: "S" };
      const connection = { region: "eu-west-1", keys, assumeRoles: [], endpoints: { ecr: url } };
      return { kept: await keptImage(connection, parseImage(image)), asked: [...asked] };
    });
  }

  it("reads the tags of the digest and the rules of its repository, in the image's own account", async () => {
    const { kept, asked } = await asking(json({ lifecyclePolicyText: JSON.stringify({ rules: lifecycleRules }) }));
    assert.deepEqual(kept, { tags: ["v1"], rules: lifecycleRules });
    assert.match(asked[0] ?? "", new RegExp(`"imageDigest":"${digest}"`));
    for (const call of asked)
      assert.match(call, /"registryId":"123456789012".*"inference-0a1b2c3"|"inference-0a1b2c3"/);
  });

  it("accepts a repository without rules", async () => {
    const none = { status: 400, body: JSON.stringify({ __type: "LifecyclePolicyNotFoundException" }) };
    assert.deepEqual((await asking(none)).kept.rules, []);
  });

  it("passes on why ECR refuses", () =>
    assert.rejects(
      asking({ status: 400, body: '{"__type":"AccessDeniedException","message":"not yours"}' }),
      /not yours/,
    ));
});
