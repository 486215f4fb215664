import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { appFolder, type Engine, findEngine, provideBasesOf } from "../container/support/engine";
import { temporaryFolder } from "../support/folder";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const container = "docker:index/container:Container";
const buildLimitMs = 20 * 60_000;

/** Listens on the port; rejects when it is taken. */
function takePort(port: number) {
  const server = createServer();
  return new Promise<{ free(): Promise<void> }>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve({ free: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

describeWithEngine("Target local on Docker", (open) => {
  let sandbox: Sandbox;
  let engine: Engine;

  before(async function () {
    this.timeout(buildLimitMs);
    const found = await findEngine();
    if ("missing" in found) {
      console.log(`      skipped: ${found.missing}`);
      this.skip();
    }
    engine = found;
    const missing = await provideBasesOf(appFolder, engine.docker);
    if (missing !== undefined) {
      console.log(`      skipped: ${missing}`);
      this.skip();
    }
    for (const port of [8080, 8081]) {
      const probe = await takePort(port).catch(() => undefined);
      if (probe === undefined) {
        console.log(`      skipped: port ${port} is taken by another program`);
        this.skip();
      }
      await probe.free();
    }
    // Fills Docker's layer cache, so that the build during the update stays within the limit of a command.
    await engine.docker.build(appFolder, "inference:engine-tests");
    const environment = engine.docker.host === undefined ? {} : { DOCKER_HOST: engine.docker.host };
    sandbox = await open({ environment, sharesProviders: false });
    await sandbox.createStack("local");
  });
  after(async () => {
    if (sandbox !== undefined) await sandbox.pulumi("destroy", "--yes", "--skip-preview");
    await engine?.stop();
  });

  it("an update of local names the port that is taken", async () => {
    const taken = await takePort(8080);
    const { code, output } = await sandbox.up();
    await taken.free();
    assert.equal(code, 1, output);
    assert.match(output, /8080.*(already in use|already allocated)/);
  });

  it("the container of local answers at the url output", async () => {
    succeeds(await sandbox.up());
    const { url, urls, target, imageDigest, ...others } = await sandbox.outputs();
    assert.deepEqual([url, urls], ["http://127.0.0.1:8080", { local: "http://127.0.0.1:8080" }]);
    assert.equal(target, "local");
    assert.match(String(imageDigest), /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(others, {});
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(10_000) });
    assert.equal(answer.status, 200);
  });

  it("a second update of local changes nothing", async () => {
    succeeds(await sandbox.up("--expect-no-changes"));
  });

  it("the container of local has the configured CPU, memory, user and read-only root", async () => {
    sandbox.configure("local", { "inference:cpu": 512, "inference:memory": 1024 });
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    assert.deepEqual(sandbox.changesSince(mark), [
      `delete ${container} inference-8080`,
      `create ${container} inference-8080`,
    ]);
    const [running] = sandbox.account.of(container);
    const format = "{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.ReadonlyRootfs}} {{.Config.User}}";
    const inspected = await engine.docker.run(["inspect", "--format", format, String(running?.id)], {
      limitSeconds: 30,
    });
    assert.equal(inspected.trim(), `500000000 ${1024 * 1024 * 1024} true 10001:10001`);
  });

  it("a change of memory updates the container of local in place", async () => {
    sandbox.configure("local", { "inference:memory": 2048 });
    const [before] = sandbox.account.of(container);
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    assert.deepEqual(sandbox.changesSince(mark), [`update ${container} inference-8080`]);
    const inspected = await engine.docker.run(["inspect", "--format", "{{.HostConfig.Memory}}", String(before?.id)], {
      limitSeconds: 30,
    });
    assert.equal(inspected.trim(), String(2048 * 1024 * 1024));
  });

  /** An image that only this machine has: Node with a script, and a name with a tag. */
  async function foreignImage(name: string, script: string): Promise<string> {
    const folder = temporaryFolder(name);
    const command = JSON.stringify(["node", "-e", script]);
    writeFileSync(join(folder, "Dockerfile"), `FROM node:24-bookworm-slim\nCMD ${command}\n`);
    await engine.docker.build(folder, `engine-tests-${name}:1`);
    return `engine-tests-${name}:1`;
  }
  const listenOn = (port: number) => `require("node:http").createServer((_, a) => a.end("ok")).listen(${port})`;

  it("an image that ends fails the update of local with its exit code and its log, and the next update starts it again", async () => {
    // The file stays in the container, so only a second start of the same container finds it.
    const script = `const fs = require("node:fs");
      if (fs.existsSync("/tmp/model")) ${listenOn(8080)};
      else { fs.writeFileSync("/tmp/model", ""); console.error("no model in /models"); process.exitCode = 3; }`;
    const image = await foreignImage("ends", script);
    sandbox.configure("local", { "inference:image": image, "inference:container": { preset: "other" } });
    const first = await sandbox.up();
    assert.equal(first.code, 1, first.output);
    assert.match(first.output, /local ended before http:\/\/127\.0\.0\.1:8080\/ answered/);
    assert.match(first.output, /container [0-9a-f]{12}: exited with code 3\n\s+log: no model in \/models\n/);
    const mark = sandbox.mark();
    const second = succeeds(await sandbox.up());
    assert.match(second.output, /starting container [0-9a-f]{12} again/);
    const ofContainers = sandbox.changesSince(mark).filter((change) => change.includes(container));
    assert.deepEqual(ofContainers, [], "the same container, not another one");
    const answer = await fetch("http://127.0.0.1:8080/", { signal: AbortSignal.timeout(10_000) });
    assert.equal(await answer.text(), "ok");
  });

  it("an image on another port fails the update of local, with the port and the key to set", async () => {
    const image = await foreignImage("elsewhere", listenOn(5000));
    const container = { preset: "other", startSeconds: 5 };
    sandbox.configure("local", { "inference:image": image, "inference:container": container });
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, /local is not ready after \d+ s: GET http:\/\/127\.0\.0\.1:8080\/ was not answered/);
    assert.match(output, /it listens on 5000, not on 8080: set container\.port: 5000, or container\.preset \(flask\)/);
    sandbox.configure("local", { "inference:container": { ...container, port: 5000 } });
    succeeds(await sandbox.up());
  });

  it("local runs each variant on its own port", async () => {
    const onAws = (weight: number) => ({ target: "ecs", weight });
    sandbox.configure("local", {
      "inference:image": undefined,
      "inference:container": undefined,
      "inference:variants": { blue: onAws(90), green: onAws(10) },
    });
    succeeds(await sandbox.up());
    const { urls } = await sandbox.outputs();
    assert.deepEqual(urls, { blue: "http://127.0.0.1:8080", green: "http://127.0.0.1:8081" });
    for (const url of Object.values(urls as Record<string, string>)) {
      const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(10_000) });
      assert.equal(answer.status, 200, url);
    }
  });

  it("destroy of local removes every container", async () => {
    const running = sandbox.account.of(container);
    assert.equal(running.length, 2);
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview"));
    const left = await engine.docker.run(["ps", "--all", "--quiet", "--no-trunc"], { limitSeconds: 30 });
    for (const { id } of running) assert.equal(left.includes(id), false, id);
  });
});
