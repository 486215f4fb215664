import assert from "node:assert/strict";
import { ecrApi } from "../../../../components/aws/ecr";
import { type AwsAnswer, withAws } from "../../support/aws-answers";

const refused = (error: string): AwsAnswer => ({ status: 400, body: JSON.stringify({ __type: error }) });

function asked(answer: AwsAnswer): Promise<[boolean, readonly string[]]> {
  return withAws({ DescribeImages: answer }, async (url, requests) => {
    const keys = { accessKeyId: "A", secretAccessKey: "S" };
    const ecr = ecrApi({ region: "eu-west-1", keys, assumeRoles: [], endpoints: { ecr: url } });
    return [await ecr.hasTag("inference", "v1"), requests];
  });
}

describe("ECR tag reader", () => {
  it("reports a tag that exists", async () => {
    const [has, requests] = await asked({ body: JSON.stringify({ imageDetails: [{ imageTags: ["v1"] }] }) });
    assert.equal(has, true);
    assert.equal(requests.length, 1);
    assert.match(requests[0] ?? "", /^DescribeImages /);
    assert.deepEqual(JSON.parse((requests[0] ?? "").replace("DescribeImages ", "")), {
      repositoryName: "inference",
      imageIds: [{ imageTag: "v1" }],
    });
  });

  it("reports a tag that does not exist", async () =>
    assert.equal((await asked(refused("ImageNotFoundException")))[0], false));

  it("fails when ECR refuses", () =>
    assert.rejects(asked(refused("AccessDeniedException")), { name: "AccessDeniedException" }));
});
