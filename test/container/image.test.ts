import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buildArgsOf, buildOf } from "../../components/core/build";
import { CommandError } from "../../tools/start/command";
import { appFolder } from "./support/engine";
import { imageUnderTest } from "./support/image-under-test";
import { taskSpec } from "./support/running-container";

const mostMegabytes = 350;

interface ImageConfig {
  User: string;
  Volumes: Record<string, unknown> | null;
  Entrypoint: string[];
  Labels: Record<string, string>;
  Healthcheck: { Test: string[] };
}

describe("The image", function () {
  this.timeout(120_000);
  const image = imageUnderTest();

  const inspect = async (format: string) =>
    JSON.parse(
      await image.docker.run(["image", "inspect", "--format", `{{json ${format}}}`, image.id], { limitSeconds: 30 }),
    );
  const config = (): Promise<ImageConfig> => inspect(".Config");
  const shell = async (script: string) =>
    (
      await image.docker.run(["run", "--rm", "--user=0", "--entrypoint=/bin/sh", image.id, "-c", script], {
        limitSeconds: 60,
      })
    ).trim();

  it(`the image has at most ${mostMegabytes} MB uncompressed`, async () => {
    const megabytes = (await inspect(".Size")) / 1e6;
    console.log(`      ${megabytes.toFixed(0)} MB`);
    assert.ok(megabytes <= mostMegabytes, `${megabytes.toFixed(0)} MB`);
  });

  it("the image runs as the numeric non-root user of the task", async () => {
    const { user } = taskSpec();
    assert.equal((await config()).User, `${user?.uid}:${user?.gid}`);
  });

  it("the image declares the writable folder as a world-writable volume", async () => {
    assert.deepEqual(Object.keys((await config()).Volumes ?? {}), taskSpec().writablePaths);
    assert.equal(await shell(`stat -c %a ${taskSpec().writablePaths[0]}`), "1777");
  });

  it("the health check runs node, without curl or wget", async () => {
    const { Test } = (await config()).Healthcheck;
    assert.match(Test.join(" "), /\bnode\b/);
    assert.doesNotMatch(Test.join(" "), /curl|wget/);
  });

  it("the entrypoint is node without a shell, so that signals reach it", async () => {
    assert.match(basename((await config()).Entrypoint[0] ?? ""), /^node$/);
  });

  it("the image holds its npm packages as CycloneDX, without a number or a time of its own", async () => {
    assert.equal(await shell("ls /app/*.cdx.json"), "/app/sbom.cdx.json");
    const bom = JSON.parse(await shell("cat /app/sbom.cdx.json"));
    assert.deepEqual([bom.bomFormat, bom.specVersion], ["CycloneDX", "1.6"]);
    assert.equal(bom.serialNumber ?? bom.metadata.timestamp, undefined);
    const listed = (bom.components as { name: string; version: string }[]).map(
      ({ name, version }) => `${name} ${version}`,
    );
    const print = "console.log(p.name + ' ' + p.version)";
    const found = await shell(
      `cd /app/node_modules; for f in */package.json @*/*/package.json; do node -e "const p = require('./$f'); ${print}"; done`,
    );
    for (const name of found.split("\n")) assert.ok(listed.includes(name), name);
    assert.equal(
      listed.some((name) => name.includes("win32")),
      false,
    );
  });

  it("the image contains no build tools, sources or files of other platforms", async () => {
    const otherArchitecture = process.arch === "arm64" ? "*x64*" : "*arm64*";
    const names = ["typescript", "mocha", "playwright-core", "win32", "darwin", "*musl*", "*.ts", "*.map", "dist-es"];
    names.push(otherArchitecture, "koffi", "libopenvino*");
    const strays = names.map((name) => `-name '${name}'`).join(" -o ");
    assert.equal(await shell(`find /app ${strays}`), "");
  });

  it("an argument other than serve is refused in one line", async () => {
    let output = "";
    const onOutput = (text: string) => {
      output += text;
    };
    const refusal = await image.docker.run(["run", "--rm", image.id, "train"], { limitSeconds: 60, onOutput }).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(refusal instanceof CommandError, "the container accepted the argument train");
    assert.equal(refusal.reason, "exit code 1");
    const [line = "", ...more] = output.trim().split("\n");
    assert.equal(JSON.parse(line).msg, 'the arguments are "train"; expected none, or serve');
    assert.deepEqual(more, []);
  });

  describe("A second build", () => {
    let copy: string;
    const build = () => image.docker.build(copy, "inference:edited");

    before(async () => {
      copy = await mkdtemp(join(tmpdir(), "inference-app-"));
      const leftOut = /[/\\](node_modules|dist|\.cache)$/;
      await cp(appFolder, copy, { recursive: true, filter: (path) => !leftOut.test(path) });
    });
    after(async () => {
      await rm(copy, { recursive: true, force: true });
      await image.docker.run(["image", "rm", "--force", "inference:edited"], { limitSeconds: 30 });
    });

    it("the image id stays the same when files outside the server change", async () => {
      for (const name of ["README.md", "notes.txt", "test/new.test.ts"]) {
        await writeFile(join(copy, name), "changed\n");
      }
      assert.equal(await build(), image.id);
    });

    it("the image id changes when the server changes", async () => {
      await writeFile(join(copy, "src/added.ts"), "export const added = true;\n");
      assert.notEqual(await build(), image.id);
    });
  });
});

describe("The labels of an image that CI builds", function () {
  this.timeout(120_000);
  const origin = { VERSION: "1.2.3", REVISION: "0a1b2c3", BUILD: "42", SOURCE: "https://git.acme.com/acme/shop" };
  const image = imageUnderTest(appFolder, buildArgsOf(buildOf(appFolder), origin));

  it("name its version, commit, build and repository, and no time", async () => {
    const format = ["image", "inspect", "--format", "{{json .Config.Labels}}", image.id];
    const labels: Record<string, string> = JSON.parse(await image.docker.run(format, { limitSeconds: 30 }));
    const oci = (name: string) => labels[`org.opencontainers.image.${name}`];
    assert.deepEqual(
      [oci("version"), oci("revision"), oci("source"), labels["inference.build"]],
      [origin.VERSION, origin.REVISION, origin.SOURCE, origin.BUILD],
    );
    assert.equal(oci("created"), undefined);
  });
});
