import assert from "node:assert/strict";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertGreen, outputOf, runJob } from "./support/ci-jobs";
import { FakeGitHub } from "./support/fake-github";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

describeWithEngine("The workflow preview.yml", (open) => {
  let sandbox: Sandbox;
  let github: FakeGitHub;
  const event = () => join(sandbox.root, "event.json");
  const preview = () =>
    runJob(
      sandbox,
      "preview.yml",
      "preview",
      {},
      {
        GITHUB_API_URL: github.url,
        GITHUB_REPOSITORY: "acme/shop",
        GITHUB_EVENT_PATH: event(),
      },
    );
  const files = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((file) => [file, statSync(join(folder, file))] as const)
      .filter(([, found]) => found.isFile())
      .map(([file, { mtimeMs }]) => `${file} ${mtimeMs}`)
      .sort();

  before(async () => {
    github = await FakeGitHub.start("token");
    sandbox = await open();
    writeFileSync(event(), JSON.stringify({ pull_request: { number: 7 } }));
    await sandbox.createStack("dev");
    succeeds(await sandbox.up());
    github.comments.push(...Array.from({ length: 120 }, (_, index) => ({ id: index + 1, body: `comment ${index}` })));
  });
  after(() => github?.stop());

  it("comments that a pull request changes nothing, and writes nothing into account and state", async () => {
    const mark = sandbox.mark();
    const before = files(sandbox.backend);
    assertGreen(await preview(), 2);
    const body = github.comments[120]?.body ?? "";
    assert.match(body, /^<!-- npm run review: dev -->\n\n### Stack dev: no change\n/);
    assert.match(
      body,
      /\| at the fewest replicas \| (\d+\.\d\d) \| \1 \| 0 \|\n\| at the most replicas \| (\d+\.\d\d) \| \2 \| 0 \|/,
    );
    assert.deepEqual(sandbox.changesSince(mark), []);
    assert.deepEqual(files(sandbox.backend), before);
  });

  it("replaces the comment by what a change of size would do and cost", async () => {
    sandbox.configure("dev", { "inference:cpu": 1024, "inference:memory": 2048 });
    assertGreen(await preview(), 2);
    assert.equal(github.comments.length, 121);
    const body = github.comments[120]?.body ?? "";
    assert.match(body, /### Stack dev: .*to (update|replace)/);
    const [, then, now, difference] =
      /at the fewest replicas \| ([\d.]+) \| ([\d.]+) \| \+([\d.]+) \|/.exec(body) ?? [];
    assert.equal((Number(now) - Number(then)).toFixed(2), difference);
    assert.ok(Number(difference) > 10, body);
    assert.match(body, /<details><summary>pulumi preview --stack dev<\/summary>[\s\S]*aws:ecs:TaskDefinition/);
  });

  it("comments on a preview that fails, with its reason, and fails the job", async () => {
    sandbox.configure("dev", { "inference:cpu": 1 });
    const results = await preview();
    // The check of the permissions evaluates the stack first.
    assert.match(outputOf(results), /cpu is "?1"?; expected/);
    const { code } = await sandbox.shell('npm run --silent review -- --stack "$STACK" --post', {
      STACK: "dev",
      GITHUB_TOKEN: "token",
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_EVENT_PATH: event(),
    });
    assert.equal(code, 1);
    const body = github.comments[120]?.body ?? "";
    assert.match(
      body,
      /### Stack dev: the preview failed\n\nNo estimate of the price: Configuration of stack dev: \d problem/,
    );
  });
});
