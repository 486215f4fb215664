import assert from "node:assert/strict";
import { runPreflight } from "../../../../components/preflight";
import { offlineCloud } from "../../../../tools/offline/cloud";
import { deployed } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const permissionsBoundary = "arn:aws:iam::123456789012:policy/boundary";
const policy = "arn:aws:iam::aws:policy/AWSLambdaRole";
const own = {
  permissionsBoundary,
  permissions: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::data/*"] }, { policy }],
};

/** The messages in an account with these answers, and the arns that the program asked for. */
async function told(keys: Readonly<Record<string, unknown>>, answer: (arn: string) => void = () => {}) {
  const asked: string[] = [];
  const offline = offlineCloud("eu-west-1");
  let refusal: string | undefined;
  const plan = await deployed(
    async () => {
      await runPreflight(settingsOf(keys), { assumeRoles: [], endpoints: {} }).catch((error: Error) => {
        refusal = error.message;
      });
    },
    {
      ...offline,
      call(args) {
        if (args.token !== "aws:iam/getPolicy:getPolicy") return offline.call(args);
        const arn = String(args.inputs.arn);
        asked.push(arn);
        answer(arn);
        return { arn };
      },
    },
  );
  return { asked, refusal, notes: plan.said("info") };
}

const failing = (details: string) => (): never => {
  throw Object.assign(new Error(details), { details });
};

describe("Preflight: managed policies", () => {
  it("asks for each that the settings name, and for nothing else", async () => {
    const { asked, refusal } = await told(own);
    assert.deepEqual([asked, refusal], [[policy, permissionsBoundary], undefined]);
    assert.deepEqual((await told({})).asked, []);
  });

  for (const words of [
    "reading IAM Policy (arn:aws:iam::aws:policy/X): couldn't find resource",
    "GetPolicy, StatusCode: 404, NoSuchEntity: Policy arn:aws:iam::aws:policy/X was not found.",
  ]) {
    it(`reports all that do not exist: ${words}`, async () => {
      const expected = "expected a policy that exists in this account, or one of AWS";
      assert.deepEqual((await told(own, failing(words))).refusal?.split("\n"), [
        "Stack test: 2 problems found in the AWS account",
        `  permissions[1].policy is "${policy}"; ${expected}`,
        `  permissionsBoundary is "${permissionsBoundary}"; ${expected}`,
      ]);
    });
  }

  it("goes on when the deployer may not read policies, and says what could not be checked", async () => {
    const denied =
      "AccessDenied: User: arn:aws:iam::123456789012:user/deployer is not authorized to perform: iam:GetPolicy";
    const { refusal, notes } = await told({ permissionsBoundary }, failing(denied));
    assert.equal(refusal, undefined);
    assert.deepEqual(notes, [
      `permissionsBoundary: could not check whether ${permissionsBoundary} exists: arn:aws:iam::123456789012:user/deployer needs the permission iam:GetPolicy`,
    ]);
  });
});
