import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { onlyRepository } from "../../tools/promote/stacks";
import { ImageRegistry } from "../support/image-registry";
import { registryToken, setRegistry } from "./support/account-api/ecr";
import { assertGreen, outputOf, runJob } from "./support/ci-jobs";
import { Flips } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { StackRepository } from "./support/stack-repository";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const deployer = "arn:aws:sts::123456789012:assumed-role/ci-inference-deploy/GitHubActions";
const targets = [...onlyRepository.matchAll(/'([^']+)'/g)].flatMap(([, target = ""]) => ["--target", target]);

describeWithEngine("The workflow deploy.yml", (open) => {
  let sandbox: Sandbox;
  let repository: StackRepository;
  let team: ImageRegistry;
  let ecr: ImageRegistry;
  let digests: readonly string[];
  const file = () => readFileSync(join(sandbox.project, "Pulumi.prod.yaml"), "utf8");
  const output = () => join(sandbox.root, "github-output");
  const github = () => ({
    GITHUB_OUTPUT: output(),
    GITHUB_REF_NAME: "main",
    PATH: [join(sandbox.root, "gh"), sandbox.path].join(delimiter),
    GIT_CONFIG_GLOBAL: "/dev/null",
  });
  const dev = () => {
    writeFileSync(output(), "");
    return runJob(sandbox, "deploy.yml", "dev", {}, github());
  };
  const approved = () => readFileSync(output(), "utf8").trim().replace("digest=", "");
  const prod = (digest = approved()) =>
    runJob(sandbox, "deploy.yml", "prod", { "needs.dev.outputs.digest": digest }, github());
  const setImage = (index: number) => {
    sandbox.configure("dev", { "inference:image": `${team.host}/team/model@${digests[index]}` });
    repository.commit(`dev: model ${index}`);
  };
  const runningDigest = async (stack: string) => (await sandbox.outputs("--stack", stack)).imageDigest;

  before(async () => {
    team = await ImageRegistry.start();
    ecr = await ImageRegistry.start(`Basic ${registryToken}`);
    digests = ["one", "two", "three"].map((content) => team.seed("team/model", content));
    sandbox = await open();
    new Flips(sandbox);
    sandbox.edit("components/traffic/drain.ts", "const marginSeconds = 5", "const marginSeconds = 0");
    setRegistry(sandbox.account, ecr.url);
    await sandbox.createStack("prod");
    await sandbox.createStack("dev");
    repository = new StackRepository(sandbox);
    mkdirSync(join(sandbox.root, "gh"));
    writeFileSync(join(sandbox.root, "gh/gh"), `#!/bin/sh\necho "$@" >> "${join(sandbox.root, "gh/calls")}"\n`, {
      mode: 0o755,
    });
    setImage(0);
  });
  after(() => {
    team?.stop();
    ecr?.stop();
  });

  it("job dev updates dev and names its digest", async () => {
    assertGreen(await dev(), 2);
    assert.equal(approved(), digests[0]);
  });

  it("job prod refuses a stack that was never deployed, and names the page with the first steps", async () => {
    const results = await prod();
    assert.match(outputOf(results), /Stack prod was never deployed\. Deploy it once by hand: docs\/ci\.md/);
    assert.equal(results[0]?.code, 1);
  });

  it("job prod without the secrets of its environment says so", async () => {
    const missing = { PULUMI_BACKEND_URL: "", PULUMI_ACCESS_TOKEN: "" };
    const [result] = await runJob(
      sandbox,
      "deploy.yml",
      "prod",
      { "needs.dev.outputs.digest": approved() },
      { ...github(), ...missing },
    );
    assert.equal(result?.code, 1);
    assert.match(result?.output ?? "", /PULUMI_ACCESS_TOKEN must be set/);
    assert.doesNotMatch(result?.output ?? "", /never deployed/);
  });

  it("the steps of docs/ci.md deploy prod once by hand", async () => {
    succeeds(await sandbox.up("--stack", "prod", ...targets));
    succeeds(await sandbox.script("promote", "--from", "dev", "--to", "prod"));
    succeeds(await sandbox.up("--stack", "prod"));
    repository.commit("prod: first image");
  });

  it("job prod changes nothing when prod runs the digest of dev", async () => {
    const mark = sandbox.mark();
    assert.match(assertGreen(await prod(), 2), /Stack prod runs sha256:[0-9a-f]{64} already\./);
    assert.deepEqual(sandbox.changesSince(mark), []);
  });

  it("job prod releases the digest of dev in steps and commits the image line", async () => {
    setImage(1);
    assertGreen(await dev(), 2);
    const text = assertGreen(await prod(), 2);
    assert.match(text, /50 %[\s\S]*100 %/);
    assert.equal(await runningDigest("prod"), digests[1]);
    assert.ok(repository.fileOf("main").includes(`@${digests[1]}`));
    assert.equal(repository.fileOf("main"), file());
  });

  it("job prod refuses a digest that dev no longer runs", async () => {
    const [result] = await prod(digests[0]);
    assert.equal(result?.code, 1);
    assert.match(result?.output ?? "", /Stack dev runs another version than the approved sha256:[0-9a-f]{64} by now/);
  });

  it("job prod refuses to update prod with a file that has an older image", async () => {
    const before = file();
    writeFileSync(join(sandbox.project, "Pulumi.prod.yaml"), before.replace(String(digests[1]), String(digests[0])));
    const mark = sandbox.mark();
    const [result] = await prod();
    writeFileSync(join(sandbox.project, "Pulumi.prod.yaml"), before);
    assert.equal(result?.code, 1);
    assert.match(result?.output ?? "", /Pulumi\.prod\.yaml does not have the image that stack prod runs/);
    assert.deepEqual(sandbox.changesSince(mark), []);
  });

  it("where main is protected, the image line becomes a pull request and the job fails", async () => {
    setImage(2);
    assertGreen(await dev(), 2);
    repository.protectMain();
    const results = await prod();
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 1],
      outputOf(results),
    );
    assert.match(
      outputOf(results),
      /main is protected\. Merge the pull request of release-prod before the next release\./,
    );
    assert.ok(repository.fileOf("release-prod").includes(`@${digests[2]}`));
    assert.match(
      readFileSync(join(sandbox.root, "gh/calls"), "utf8"),
      /^pr create --base main --head release-prod --fill$/m,
    );
  });

  it("a call that AWS refuses fails job dev, and its log names the statement to add", async () => {
    const action = "logs:PutMetricFilter";
    const message = `api error AccessDeniedException: User: ${deployer} is not authorized to perform: ${action} on resource: arn:aws:logs:us-east-1:123456789012:log-group:x because no identity-based policy allows the ${action} action`;
    sandbox.configure("dev", { "inference:logRetentionDays": 14, "inference:cpu": 1024, "inference:memory": 2048 });
    sandbox.inject({
      name: "inference-ecs",
      type: "aws:cloudwatch/logGroup:LogGroup",
      op: "update",
      does: "fail",
      message,
    });
    const [result, ...others] = await dev();
    sandbox.clearInjected();
    assert.deepEqual(others, []);
    assert.notEqual(result?.code, 0);
    assert.match(result?.output ?? "", /ci-inference-deploy\/GitHubActions may not call logs:PutMetricFilter/);
    assert.match(
      result?.output ?? "",
      /Statement Logs of ci\/permissions\.json allows it on \*.*Update the role: pulumi -C ci up/,
    );
  });
});
