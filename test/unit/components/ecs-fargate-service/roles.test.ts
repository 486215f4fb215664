import assert from "node:assert/strict";
import { ecsService, repositoryArn } from "../../support/ecs-program";
import { declared } from "../../support/mock-cloud";

const logs = {
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: ["arn:aws:logs:eu-west-1:123456789012:log-group:inference-ecs:*"],
};
const pull = (arn: string) => [
  {
    Effect: "Allow",
    Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    Resource: [arn],
  },
  { Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
];
const shell = {
  Effect: "Allow",
  Action: [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
  ],
  Resource: ["*"],
};
const plan = (...args: Parameters<typeof ecsService>) => declared(() => void ecsService(...args));

describe("ECS roles", () => {
  it("can be assumed by ECS tasks only", async () => {
    const roles = (await plan()).all("aws:iam/role:Role");
    assert.equal(roles.length, 2);
    for (const { inputs } of roles) {
      assert.deepEqual(JSON.parse(String(inputs.assumeRolePolicy)).Statement, [
        { Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: ["sts:AssumeRole"] },
      ]);
    }
  });

  it("attach no AWS managed policy that permissions does not name", async () => {
    const own = await plan({ modelUri: "s3://models/cats", exec: true });
    assert.doesNotMatch(JSON.stringify(own.plan.resources), /arn:aws:iam::aws:policy|managedPolicy/i);
    assert.deepEqual(
      own.plan.resources.filter(({ type }) => /PolicyAttachment/.test(type)),
      [],
    );
  });

  it("pull a sidecar from its own repository in ECR", async () => {
    const image = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/agent@sha256:${"0".repeat(64)}`;
    const own = await plan({ sidecars: { agent: { image, cpu: 128, memory: 256 } } });
    const [pulls] = own.statements("inference-execution").filter(({ Action }) => Action.includes("ecr:BatchGetImage"));
    assert.ok(pulls?.Resource.includes("arn:aws:ecr:eu-west-1:111122223333:repository/team/agent"));
  });

  it("are the task's execution role and task role", async () => {
    const { inputs } = (await plan()).one("aws:ecs/taskDefinition:TaskDefinition");
    assert.deepEqual(
      [inputs.executionRoleArn, inputs.taskRoleArn],
      ["arn:aws:iam::123456789012:role/inference-execution", "arn:aws:iam::123456789012:role/inference-task"],
    );
  });

  describe("execution role", () => {
    const starts = "inference-execution";

    it("pulls from one repository and writes to one log group", async () =>
      assert.deepEqual((await plan()).statements(starts), [logs, ...pull(repositoryArn)]));

    it("pulls from the repository of a pinned image", async () => {
      const elsewhere = "arn:aws:ecr:us-east-1:999999999999:repository/team/model";
      const image = { reference: "x@sha256:0", repositoryArn: elsewhere };
      assert.deepEqual((await plan({}, { image })).statements(starts), [logs, ...pull(elsewhere)]);
    });

    it("pulls nothing from ECR when the image is elsewhere", async () => {
      const image = { reference: "ghcr.io/x@sha256:0", repositoryArn: undefined };
      assert.deepEqual((await plan({}, { image })).statements(starts), [logs]);
    });

    it("reads the sign-in to the registry of an image, which the task definition names", async () => {
      const secretArn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ghcr-AbCdEf";
      const credentials = { secretArn, registry: "ghcr.io" };
      const image = { reference: "ghcr.io/x@sha256:0", repositoryArn: undefined, credentials, hasNode: false };
      const own = await plan({}, { image });
      assert.deepEqual(own.container().repositoryCredentials, { credentialsParameter: secretArn });
      assert.deepEqual(own.statements(starts), [
        logs,
        {
          Effect: "Allow",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: [secretArn, `${secretArn}-??????`],
        },
      ]);
    });

    it("reads the named secrets as a whole, whatever part of them the task uses", async () => {
      const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-AbCdEf";
      const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/team/key";
      const own = await plan({ secrets: { A: `${secret}:user::`, B: parameter } });
      assert.deepEqual(own.statements(starts).slice(-2), [
        { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: [secret, `${secret}-??????`] },
        { Effect: "Allow", Action: ["ssm:GetParameters"], Resource: [parameter] },
      ]);
    });
  });

  it("read a secret whose name ends like the suffix that AWS appends, with and without that suffix", async () => {
    const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;
    const read = async (name: string) =>
      (await plan({ secrets: { A: arn(name) } })).statements("inference-execution").at(-1)?.Resource;
    assert.deepEqual(await read("prod-secret"), [arn("prod-secret"), arn("prod-secret-??????")]);
    assert.deepEqual(await read("prod"), [arn("prod-??????")]);
  });

  describe("task role", () => {
    const runs = "inference-task";

    it("decrypts with the key of the model's bucket, through S3 only", async () => {
      const modelKmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
      assert.deepEqual((await plan({ modelUri: "s3://models/cats", modelKmsKeyArn })).statements(runs).at(-1), {
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: [modelKmsKeyArn],
        Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
      });
      assert.deepEqual((await plan({ modelKmsKeyArn })).statements(runs), [], "the bundled model needs none");
    });

    it("allows nothing by default", async () => assert.deepEqual((await plan()).statements(runs), []));

    it("reads the objects of the model, and lists none", async () =>
      assert.deepEqual((await plan({ modelUri: "s3://models/cats/v1/" })).statements(runs), [
        { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::models/cats/v1/*"] },
      ]));

    it("reads one version of the model if modelUri names one", async () =>
      assert.deepEqual((await plan({ modelUri: "s3://models/cats?versionId=1" })).statements(runs)[0]?.Action, [
        "s3:GetObject",
        "s3:GetObjectVersion",
      ]));

    for (const [modelUri, objects, prefixes] of [
      ["s3://models/cats/v1/", "models/cats/v1/*", ["cats/v1", "cats/v1/*"]],
      ["s3://models/cats/v1/cats.onnx", "models/cats/v1/*", ["cats/v1", "cats/v1/*"]],
      ["s3://models/cats.onnx", "models/*", ["", "*"]],
    ] as const) {
      it(`lists the folder of ${modelUri}, and no other, with modelAccess list`, async () =>
        assert.deepEqual((await plan({ modelUri, modelAccess: "list" })).statements(runs), [
          { Effect: "Allow", Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${objects}`] },
          {
            Effect: "Allow",
            Action: ["s3:ListBucket"],
            Resource: ["arn:aws:s3:::models"],
            Condition: { StringLike: { "s3:prefix": [...prefixes] } },
          },
        ]));
    }

    it("lists nothing of a bundled model", async () =>
      assert.deepEqual((await plan({ modelAccess: "list" })).statements(runs), []));

    it("has the statements and the managed policies of permissions, which exist before the service", async () => {
      const policy = "arn:aws:iam::aws:policy/AmazonBedrockReadOnly";
      const condition = { StringLike: { "s3:prefix": ["a/*", "b/*"] } };
      const statement = { actions: ["s3:ListBucket"], resources: ["arn:aws:s3:::data"], condition };
      const own = await plan({ permissions: [statement, { policy }] });
      assert.deepEqual(own.statements(runs), [
        { Effect: "Allow", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::data"], Condition: condition },
      ]);
      const attachment = own.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
      assert.deepEqual(attachment.inputs, { policyArn: policy, role: "inference-task" });
      assert.ok(own.dependsOn(own.one("aws:ecs/service:Service"), attachment));
    });

    it("allows the channels of ECS Exec only with exec", async () =>
      assert.deepEqual((await plan({ exec: true })).statements(runs), [shell]));
  });

  it("name their resources, except for five actions without resource-level permissions", async () => {
    const own = await plan({
      exec: true,
      modelUri: "s3://models/cats",
      secrets: { A: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-AbCdEf" },
    });
    const statements = own.statements();
    const open = statements.filter(({ Resource }) => Resource.includes("*")).flatMap(({ Action }) => Action);
    assert.deepEqual(open.sort(), ["ecr:GetAuthorizationToken", ...shell.Action]);
    for (const action of statements.flatMap(({ Action }) => Action)) assert.doesNotMatch(action, /\*/);
  });
});
