import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { type AskAws, awsCli, leftovers } from "../../tools/acceptance/leftovers";
import { runTag } from "../../tools/acceptance/stack-copy";
import { Emulator, emulatorIsMissing } from "./support/emulator";

const hasCli = spawnSync("aws", ["--version"], { stdio: "ignore" }).status === 0;
const missing = emulatorIsMissing() ?? (hasCli ? undefined : "no aws on PATH");
const region = "us-east-1";
const keys = { accessKeyId: "test", secretAccessKey: "test" };

describe(`what npm run acceptance finds left in an account${missing ? ` [skipped: ${missing}]` : ""}`, function () {
  this.timeout(300_000);
  let emulator: Emulator;
  let aws: AskAws;

  before(async function () {
    if (missing) return this.skip();
    emulator = await Emulator.start(async () => ({}));
    const names = ["resourcegroupstaggingapi", "kms", "ecs", "ec2", "logs", "elbv2"];
    const endpoints = Object.fromEntries(names.map((name) => [name, emulator.url]));
    aws = awsCli({ region, keys, assumeRoles: [], endpoints });
  });
  after(() => emulator?.stop());

  const find = async () => leftovers(aws, "0a1b", ["inference-1"]);
  const volume = async (run: string) => {
    const tags = `ResourceType=volume,Tags=[{Key=${runTag},Value=${run}}]`;
    const made = await aws("ec2", [
      "create-volume",
      "--size",
      "1",
      "--availability-zone",
      "us-east-1a",
      "--tag-specifications",
      tags,
    ]);
    return (made as { VolumeId: string }).VolumeId;
  };

  it("nothing in an empty account", async () => assert.deepEqual(await find(), []));

  it("what has the tag of the run, not of another one, and the printed commands delete it", async () => {
    const own = await volume("0a1b");
    await volume("ffff");
    const key = (await aws("kms", ["create-key", "--tags", `TagKey=${runTag},TagValue=0a1b`])) as {
      KeyMetadata: { KeyId: string };
    };
    const found = await find();
    assert.deepEqual(
      found.map(({ arn, kept }) => [arn.split("/").pop(), kept]).sort(),
      [
        [own, undefined],
        [key.KeyMetadata.KeyId, undefined],
      ].sort(),
    );
    const env = { ...process.env, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    for (const { remove } of found) {
      const [command = "", ...args] = remove.split(" ");
      execFileSync(command, [...args, "--region", region, "--endpoint-url", emulator.url], { env, stdio: "ignore" });
    }
    assert.deepEqual(
      (await find()).map(({ arn, kept }) => [arn.split("/").pop(), kept]),
      [[key.KeyMetadata.KeyId, "pending deletion, costs nothing"]],
    );
  });

  it("a log group that AWS creates for a cluster", async () => {
    await aws("logs", ["create-log-group", "--log-group-name", "/aws/eks/inference-1/cluster"]).catch(() => undefined);
    const names = (await find()).map(({ remove }) => remove);
    assert.ok(
      names.includes("aws logs delete-log-group --log-group-name /aws/eks/inference-1/cluster"),
      names.join("\n"),
    );
  });
});
