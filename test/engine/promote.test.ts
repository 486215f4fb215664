import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onlyRepository } from "../../tools/promote/stacks";
import { ImageRegistry } from "../support/image-registry";
import { registryToken, setRegistry } from "./support/account-api/ecr";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const repository = "aws:ecr/repository:Repository";
const targets = [...onlyRepository.matchAll(/'([^']+)'/g)].flatMap(([, target = ""]) => ["--target", target]);

describeWithEngine("npm run promote from dev to prod", (open) => {
  let sandbox: Sandbox;
  let team: ImageRegistry;
  let ecr: ImageRegistry;
  let digest: string;

  before(async () => {
    team = await ImageRegistry.start();
    ecr = await ImageRegistry.start(`Basic ${registryToken}`);
    digest = team.seed("team/model", "weights");
    sandbox = await open();
    setRegistry(sandbox.account, ecr.url);
    await sandbox.createStack("prod");
    await sandbox.createStack("dev", { "inference:image": `${team.host}/team/model@${digest}` });
    succeeds(await sandbox.up());
  });
  after(() => {
    team?.stop();
    ecr?.stop();
  });

  const promote = (...args: string[]) => sandbox.script("promote", "--from", "dev", "--to", "prod", ...args);
  const prodFile = () => readFileSync(join(sandbox.project, "Pulumi.prod.yaml"), "utf8");
  const prodRepository = () => {
    const [found] = sandbox.account.of(repository).filter(({ urn }) => urn.startsWith("urn:pulumi:prod::"));
    return String(found?.outputs.repositoryUrl);
  };

  it("promote prints the command that creates the missing repository of prod", async () => {
    const { code, output } = await promote();
    assert.equal(code, 1);
    assert.match(
      output,
      /Stack prod has no repository yet\. Create it, then promote again:\n {2}pulumi up --stack prod /,
    );
    assert.ok(output.includes(onlyRepository), output);
  });

  it("that command creates only the repository and its lifecycle policy", async () => {
    const mark = sandbox.mark();
    succeeds(await sandbox.up("--stack", "prod", ...targets));
    assert.deepEqual(sandbox.changesSince(mark).sort(), [
      "create aws:ecr/lifecyclePolicy:LifecyclePolicy inference",
      `create ${repository} inference`,
    ]);
  });

  it("promote --copy-only copies the digest that dev runs under a release tag, and prints the command of a release", async () => {
    const before = prodFile();
    const { output } = succeeds(await promote("--copy-only"));
    assert.equal(prodFile(), before);
    assert.ok(output.includes(`npm run release -- --stack prod --to ${prodRepository()}@${digest}`), output);
    const name = prodRepository().split("/").slice(1).join("/");
    const tags = [...ecr.manifests.keys()].filter((key) => key.startsWith(`${name}:`));
    assert.equal(tags.length, 1, output);
    assert.match(tags[0] ?? "", new RegExp(`:release-\\d{4}-\\d\\d-\\d\\d-${digest.slice(7, 19)}$`));
    assert.ok(ecr.manifests.has(`${name}@${digest}`));
  });

  it("promote changes only the image line of Pulumi.prod.yaml", async () => {
    succeeds(await promote());
    const lines = prodFile().split("\n");
    const [added] = lines.splice(
      lines.findIndex((line) => /image:/.test(line)),
      1,
    );
    assert.match(added ?? "", new RegExp(`^ +(inference:)?image: ${prodRepository()}@${digest}$`));
    assert.equal(lines.filter((line) => /image/.test(line)).length, 0);
  });

  it("a second promote copies nothing and leaves Pulumi.prod.yaml unchanged", async () => {
    const before = prodFile();
    assert.match(succeeds(await promote()).output, /^Already there: /m);
    assert.equal(prodFile(), before);
  });

  it("promote refuses an image without a digest", async () => {
    const { code, output } = await sandbox.script("promote", "--image", "team/model:latest", "--to", "prod");
    assert.equal(code, 1);
    assert.match(output, /--image is team\/model:latest; expected repository@sha256:<64 hex digits>/);
  });
});
