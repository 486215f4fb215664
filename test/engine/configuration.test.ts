import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { digestOf, imageContent, withRegistry } from "../support/local-registry";
import { projectRoot } from "./support/cli";
import { packages } from "./support/fake-providers";
import type { Sandbox } from "./support/sandbox";
import { describeWithEngine } from "./support/suite";

describeWithEngine("Configuration errors", (open) => {
  let sandbox: Sandbox;
  let stackFile: string;
  let intact: string;

  before(async () => {
    sandbox = await open({ sharesProviders: false });
    await sandbox.createStack("dev");
    stackFile = join(sandbox.project, "Pulumi.dev.yaml");
    intact = readFileSync(stackFile, "utf8");
  });

  const previewFails = async (keys: Record<string, unknown>): Promise<string> => {
    sandbox.configure("dev", keys);
    const { code, output } = await sandbox.pulumi("preview");
    writeFileSync(stackFile, intact);
    assert.equal(code, 1, output);
    assert.equal(/^\s+at \S/m.test(output), false, output);
    return output;
  };

  it("the CLI refuses a value of the wrong type", async () => {
    const output = await previewFails({ "inference:exec": "perhaps" });
    assert.match(output, /key 'exec' must be of type 'boolean'/);
  });

  // `pulumi new` stores an answer as text, so the template does not prompt for ingressCidrs.
  it("the CLI refuses a list that is written as text", async () => {
    const output = await previewFails({ "inference:ingressCidrs": '["0.0.0.0/0"]' });
    assert.match(output, /'ingressCidrs' must be of type 'array<string>'/);
  });

  it("the program reports all wrong keys at once, each with its value", async () => {
    const output = await previewFails({
      "inference:cpu": 1000,
      "inference:replcas": { min: 2 },
      "inference:logRetentionDays": 8,
    });
    assert.match(output, /cpu.*1000/);
    assert.match(output, /replcas.*replicas/);
    assert.match(output, /logRetentionDays.*8/);
  });

  const missing = { "aws:region": undefined, "inference:ingressCidrs": undefined };

  it("the program reports all missing keys at once", async () => {
    const variants = { "inference:target": "variants", "inference:variants": { blue: {} } };
    const output = await previewFails({ ...missing, ...variants });
    assert.match(output, /aws:region is missing/);
    assert.match(output, /ingressCidrs is \[\]; expected the blocks that may call/);
    assert.match(output, /variants\.blue\.target is missing/);
    assert.match(output, /variants\.blue\.weight is missing/);
  });

  // The CLI requires keys without a default even on target local, so every key in Pulumi.yaml has one.
  it("the CLI would require ingressCidrs on target local if Pulumi.yaml gave it no default", async () => {
    const project = readFileSync(join(sandbox.project, "Pulumi.yaml"), "utf8");
    const declared = "  ingressCidrs:\n    type: array\n    items: { type: string }\n";
    sandbox.edit("Pulumi.yaml", `${declared}    default: []\n`, declared);
    const output = await previewFails({ ...missing, "inference:target": "local" });
    writeFileSync(join(sandbox.project, "Pulumi.yaml"), project);
    assert.match(output, /Stack 'dev' is missing configuration value 'ingressCidrs'/);
  });

  it("the command in README sets ingressCidrs to one block", async () => {
    const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
    const [, path = "", block = ""] = /`pulumi config set --path '(ingressCidrs\[0\])' ([\d./]+)`/.exec(readme) ?? [];
    await sandbox.must("config", "set", "--path", path, block);
    const { stdout } = await sandbox.must("config", "get", "ingressCidrs");
    writeFileSync(stackFile, intact);
    assert.deepEqual(JSON.parse(stdout), ["203.0.113.0/24"]);
  });

  it("the program refuses a stack without a region", async () => {
    sandbox.edit("Pulumi.dev.yaml", "aws:region: us-east-1", "aws:skipRegionValidation: true");
    const output = await previewFails({});
    assert.match(output, /aws:region.*pulumi config set aws:region/);
  });

  it("the program refuses an encrypted environment value, because a task definition would show it", async () => {
    await sandbox.must("config", "set", "--secret", "--path", "inference:environment.TOKEN", "hunter2");
    const output = await previewFails({});
    assert.match(output, /environment.*\[encrypted\]/);
    assert.equal(output.includes("hunter2"), false);
  });

  it("the program refuses an image for another architecture", () => {
    const digest = digestOf("a");
    return withRegistry(imageContent("team/model", digest, "amd64"), {}, async ({ host }) => {
      const image = `${host}/team/model@${digest}`;
      const output = await previewFails({ "inference:image": image, "inference:architecture": "arm64" });
      assert.match(output, /: 1 problem found in the AWS account/);
      assert.ok(output.includes(`image is "${image}"; expected an image for arm64`), output);
    });
  });

  it("the CLI names a missing plugin and its version", async () => {
    const bin = join(sandbox.root, "without-aws");
    mkdirSync(bin);
    const [fakeProviders = "", ...rest] = sandbox.path.split(delimiter);
    for (const name of packages.filter((one) => one !== "aws")) {
      symlinkSync(join(fakeProviders, `pulumi-resource-${name}`), join(bin, `pulumi-resource-${name}`));
    }
    const { code, output } = await sandbox.start(["preview"], { PATH: [bin, ...rest].join(delimiter) }).result;
    assert.equal(code, 1, output);
    assert.match(output, /no resource plugin .pulumi-resource-aws. found .* at version v7\.\d+\.\d+/);
    const runbook = readFileSync(join(projectRoot, "docs/runbook.md"), "utf8");
    const [, seen = ""] =
      /^\| `(no resource plugin)[^`]*` \|.*`pulumi plugin install resource aws /m.exec(runbook) ?? [];
    assert.ok(seen !== "" && output.includes(seen), "docs/runbook.md quotes the words of the CLI");
  });

  it("the CLI names the version that the project requires", async () => {
    sandbox.edit("Pulumi.yaml", 'requiredPulumiVersion: "', 'requiredPulumiVersion: ">=4.0.0 ');
    const { code, output } = await sandbox.pulumi("preview");
    assert.equal(code, 1, output);
    assert.match(output, /Pulumi CLI version \S+ does not satisfy the version range ">=4\.0\.0/);
  });

  it("configuration errors create nothing", () => {
    assert.deepEqual(sandbox.account.held(), []);
  });
});
