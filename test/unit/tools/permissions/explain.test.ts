import assert from "node:assert/strict";
import { denialsIn, explain } from "../../../../tools/permissions/explain";
import type { Permissions } from "../../../../tools/permissions/statements";

const role = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}/GitHubActions`;
const deployer = role("ci-inference-deploy");
const cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/inference-1234567";
const denied = (who: string, action: string, resource: string, why = "no identity-based policy allows the") =>
  `User: ${who} is not authorized to perform: ${action} on resource: ${resource} because ${why} ${action} action`;

const held: Permissions = {
  preview: [],
  deploy: [{ Sid: "Ecs", Effect: "Allow", Action: ["ecs:CreateCluster"], Resource: ["*"] }],
};
const explained = (output: string) => denialsIn(output).map((denial) => explain(denial, held));

describe("npm run permissions -- --explain", () => {
  it("finds every refused call once, in the words of the provider, of EC2 and of the program", () => {
    const output = [
      `error: creating ECS Cluster (inference): operation error ECS: CreateCluster, https response error StatusCode: 400, AccessDeniedException: ${denied(deployer, "ecs:CreateCluster", cluster)}`,
      `error: ${denied(deployer, "ecs:CreateCluster", cluster)}`,
      "error: creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 403, api error UnauthorizedOperation: You are not authorized to perform this operation. Encoded authorization failure message: abc",
      `error: Could not query ECS: ${deployer} needs the permission ecs:ListServiceDeployments`,
      "error: creating ELBv2 Rule: operation error Elastic Load Balancing v2: CreateRule, https response error StatusCode: 400, PriorityInUse: Priority '1' is currently in use",
    ].join("\n");
    const actions = denialsIn(output).map(({ action }) => action);
    assert.deepEqual(actions.sort(), ["ec2:CreateVpc", "ecs:CreateCluster", "ecs:ListServiceDeployments"]);
  });

  it("returns nothing for an output without a refusal", () =>
    assert.deepEqual(denialsIn("Resources:\n  + 57 created"), []));

  it("says that the role is older than the file when the file has the action", () => {
    const [text = ""] = explained(denied(deployer, "ecs:CreateCluster", cluster));
    assert.match(
      text,
      /^arn:aws:sts::123456789012:assumed-role\/ci-inference-deploy\/GitHubActions may not call ecs:CreateCluster on arn:aws:ecs/,
    );
    assert.match(text, /Statement Ecs of ci\/permissions\.json allows it on \*\. Update the role: pulumi -C ci up\./);
  });

  it("says that the preview role only reads", () => {
    const [text = ""] = explained(denied(role("ci-inference-preview"), "ecs:CreateCluster", cluster));
    assert.match(text, /The preview role only reads\. Run this step with the deploy role/);
  });

  it("names the resource type and the command when the stack files have outgrown the file", () => {
    const [text = ""] = explained(denied(deployer, "wafv2:CreateWebACL", "*"));
    assert.match(text, /aws:wafv2\/webAcl:WebAcl needs it, and ci\/permissions\.json is older than the stack files\./);
    assert.match(text, /npm run permissions -- --write\n {4}pulumi -C ci up$/);
  });

  it("prints the statement to add when no resource type has the action", () => {
    const [text = ""] = explained(denied(deployer, "dynamodb:CreateTable", "arn:aws:dynamodb:us-east-1:1:table/x"));
    assert.match(text, /list in ci\/statements\.json/);
    const statement = JSON.parse(text.split("\n").at(-1) ?? "");
    assert.deepEqual(statement, {
      Effect: "Allow",
      Action: ["dynamodb:CreateTable"],
      Resource: ["arn:aws:dynamodb:us-east-1:1:table/x"],
    });
  });

  for (const [why, advice] of [
    [
      "no permissions boundary allows the",
      /Its permissions boundary does not allow it\. Add the action to the boundary\.$/,
    ],
    ["no service control policy allows the", /A statement in a role does not help: ask its owner\.$/],
    ["with an explicit deny in a resource-based policy:", /A statement in a role does not help/],
  ] as const)
    it(`does not suggest a statement when AWS says "${why}"`, () => {
      const [text = ""] = explained(denied(deployer, "ecs:CreateCluster", cluster, why));
      assert.match(text, advice);
      assert.doesNotMatch(text, /ci\/statements\.json/);
    });
});
