import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { lockDiagnosis } from "../../../../tools/doctor/lock";
import { missingPlugins, pluginDiagnosis } from "../../../../tools/doctor/plugins";
import { chosenStack, readStackFile } from "../../../../tools/doctor/stack-file";
import { readState } from "../../../../tools/doctor/state";
import { stackSettings } from "../../../../tools/stack/settings";
import { temporaryFolder } from "../../../support/folder";

/** The CLI, by the first words of its command. */
const cli =
  (answers: Readonly<Record<string, unknown>>) =>
  async <T>(args: readonly string[]): Promise<T> => {
    const answer = Object.entries(answers).find(([words]) => args.join(" ").startsWith(words))?.[1];
    if (answer === undefined) throw new Error(`pulumi ${args.join(" ")} failed:\nerror: it was not expected`);
    if (answer instanceof Error) throw answer;
    return answer as T;
  };

describe("doctor, the stack", () => {
  it("without --stack: the selected one, otherwise dev", async () => {
    assert.equal(await chosenStack("prod", () => Promise.reject(new Error("not asked"))), "prod");
    assert.equal(await chosenStack(undefined, async () => "shop\n"), "shop");
    assert.equal(await chosenStack(undefined, () => Promise.reject(new Error("none"))), "dev");
  });

  it("stack file: read, missing", async () => {
    const dev = await readStackFile("dev", cli({}));
    assert.deepEqual(dev.diagnosis, { verdict: "ok", text: "Pulumi.dev.yaml, target ecs." });
    assert.equal(dev.settings?.region, "us-east-1");
    const none = await readStackFile("nowhere", cli({}));
    assert.equal(none.diagnosis.verdict, "problem");
    assert.match(none.diagnosis.text, /There is no Pulumi\.nowhere\.yaml/);
    assert.equal(none.diagnosis.fix, "pulumi stack init nowhere");
  });

  it("state: resources, empty, interrupted, unknown stack, not signed in, no answer", async () => {
    const urn = "urn:pulumi:dev::inference::aws:ecs/service:Service::inference-ecs";
    const service = { urn, type: "aws:ecs/service:Service" };
    const old = { ...service, delete: true };
    const read = (answer: unknown) => readState("dev", cli({ "stack export --stack dev": answer }));
    const running = await read({ deployment: { resources: [service, old] } });
    assert.deepEqual(running.diagnosis, { verdict: "ok", text: "Resources in stack dev: 1." });
    assert.deepEqual(running.resources, [service]);
    assert.equal((await read({})).diagnosis.text, "Stack dev is empty.");
    const pending = [{ type: "creating", resource: { urn } }];
    const { diagnosis } = await read({ deployment: { resources: [], pending_operations: pending } });
    assert.equal(diagnosis.verdict, "warning");
    assert.match(diagnosis.text, /creating aws:ecs\/service:Service inference-ecs/);
    assert.equal(diagnosis.fix, "pulumi refresh --stack dev");
    const absent = await read(new Error("error: no stack named 'dev' found"));
    assert.equal(absent.diagnosis.fix, "pulumi stack init dev");
    const token = await read(
      new Error("PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions"),
    );
    assert.equal(token.diagnosis.fix, "pulumi login");
    assert.equal(token.resources, undefined);
    assert.equal((await read(new Error("the bucket does not answer"))).diagnosis.verdict, "not checked");
  });

  describe("lock", () => {
    const folder = temporaryFolder("doctor-locks");
    const locks = join(folder, ".pulumi/locks/organization/shop/dev");
    const read = (url: string, more = {}) =>
      lockDiagnosis({ project: "shop", stack: "dev" }, cli({ "whoami --json": { url }, ...more }));
    const lockedBy = (pid: number, host: string) => {
      mkdirSync(locks, { recursive: true });
      const lock = { pid, username: "ann", hostname: host, timestamp: "2026-11-30T12:00:00.5Z" };
      writeFileSync(join(locks, "0123.json"), JSON.stringify(lock));
    };

    it("none in a folder", async () => {
      assert.deepEqual(await read(`file://${folder}`), { verdict: "ok", text: "No update is running." });
    });

    it("held by a running process: wait", async () => {
      lockedBy(process.pid, hostname());
      const { verdict, text, fix } = await read(`file://${folder}`);
      assert.deepEqual([verdict, fix], ["problem", undefined]);
      assert.match(text, new RegExp(`ann@.*process ${process.pid}, since 2026-11-30T12:00.*Wait`));
    });

    it("left by a killed process: cancel", async () => {
      // Larger than any process id of Linux.
      lockedBy(2 ** 22 + 1, hostname());
      const { verdict, text, fix } = await read(`file://${folder}`);
      assert.deepEqual([verdict, fix], ["problem", "pulumi cancel --stack dev"]);
      assert.match(text, /^A killed update left its lock/);
    });

    it("of another machine: the reader decides", async () => {
      lockedBy(1, "elsewhere");
      assert.match((await read(`file://${folder}`)).text, /^Locked by ann@elsewhere, .* If that process has ended:$/);
    });

    it("in Pulumi Cloud, and in a bucket", async () => {
      const ls = (updateInProgress: boolean) => ({ "stack ls --json": [{ name: "acme/shop/dev", updateInProgress }] });
      const url = "https://app.pulumi.com/ann";
      assert.equal((await read(url, ls(false))).verdict, "ok");
      assert.equal((await read(url, ls(true))).fix, "pulumi cancel --stack dev");
      assert.equal((await read("s3://states?region=eu-west-1")).text, "A lock in s3://states shows only in pulumi up.");
    });
  });

  it("plugins: those of the targets, by version", async () => {
    const settings = stackSettings("dev", { "inference:target": "eks" });
    const version = (name: string) => (require(`@pulumi/${name}/package.json`) as { version: string }).version;
    const names = ["aws", "awsx", "docker-build", "eks", "kubernetes"];
    const installed = names.map((name) => ({ name, version: version(name) }));
    assert.deepEqual(await missingPlugins(settings, cli({ "plugin ls --json": installed })), []);
    const older = installed.map((plugin) => (plugin.name === "eks" ? { ...plugin, version: "1.0.0" } : plugin));
    const missing = await missingPlugins(settings, cli({ "plugin ls --json": older }));
    assert.deepEqual(missing, [{ name: "eks", version: version("eks") }]);
    assert.equal(pluginDiagnosis(missing).fix, "pulumi install");
    assert.equal(pluginDiagnosis([]).verdict, "ok");
    const local = await missingPlugins(stackSettings("local"), cli({ "plugin ls --json": [] }));
    assert.deepEqual(
      local.map(({ name }) => name),
      ["docker"],
    );
  });
});
