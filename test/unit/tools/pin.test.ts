import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { newestBases, withBases } from "../../../tools/pin/bases";
import { ProjectCopy } from "../../engine/support/project-copy";
import { temporaryFolder } from "../../support/folder";
import { ImageRegistry, imageIndex, sha256 } from "../../support/image-registry";
import { withRegistry } from "../../support/local-registry";

const run = promisify(execFile);
const limit = () => AbortSignal.timeout(60_000);
const old = `sha256:${"0".repeat(64)}`;

describe("newestBases", () => {
  it("returns the digest of a tag's index, with an anonymous token of the registry", () => {
    const index = { mediaType: imageIndex, manifests: [] };
    const kept = { "/v2/team/node/manifests/24-slim": index };
    return withRegistry(kept, { token: "visitor" }, async ({ host, requests }) => {
      const [pin] = await newestBases(`FROM ${host}/team/node:24-slim AS base\nFROM base\n`, limit());
      const before = `${host}/team/node:24-slim`;
      assert.deepEqual(pin, { before, after: `${before}@${sha256(JSON.stringify(index))}` });
      assert.equal(requests.length, 3);
    });
  });

  it("returns the newest digest of a tag that is already pinned", () =>
    withRegistry({ "/v2/node/manifests/24": {} }, {}, async ({ host }) => {
      const pins = await newestBases(`FROM ${host}/node:24@${old}\n`, limit());
      assert.deepEqual(pins, [{ before: `${host}/node:24@${old}`, after: `${host}/node:24@${sha256("{}")}` }]);
    }));

  it("skips a reference with a variable", async () =>
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's variable
    assert.deepEqual(await newestBases("FROM node:${VERSION}\n", limit()), []));
});

describe("withBases", () => {
  const pins = [{ before: "node:24", after: `node:24@${old}` }];

  it("changes only the references", () =>
    assert.equal(
      withBases(
        "# FROM node:24\nFROM --platform=linux/amd64  node:24 AS base # here\nfrom node:24-slim\nFROM base\n",
        pins,
      ),
      `# FROM node:24\nFROM --platform=linux/amd64  node:24@${old} AS base # here\nfrom node:24-slim\nFROM base\n`,
    ));
});

describe("npm run pin -- --base", () => {
  it("changes one line of app/Dockerfile, which gets the digest", async function () {
    this.timeout(60_000);
    const registry = await ImageRegistry.start();
    const copy = new ProjectCopy(join(temporaryFolder("pin-"), "project"));
    const image = `${registry.host}/node:24-bookworm-slim`;
    copy.edit("app/Dockerfile", "node:24-bookworm-slim", image);
    const lines = () => readFileSync(join(copy.folder, "app/Dockerfile"), "utf8").split("\n");
    const before = lines();
    const digest = registry.seed("node", "bookworm");
    registry.manifests.set("node:24-bookworm-slim", registry.manifests.get(`node@${digest}`) as never);
    try {
      const { stdout } = await run("npm", ["run", "--silent", "pin", "--", "--base"], { cwd: copy.folder });
      assert.match(stdout, /^app\/Dockerfile: \S+:24-bookworm-slim\n {2}is now \S+@sha256:[0-9a-f]{64}\n$/);
      const changed = lines().filter((line, index) => line !== before[index]);
      assert.deepEqual(changed, [`FROM ${image}@${digest} AS base`]);
      const again = await run("npm", ["run", "--silent", "pin", "--", "--base"], { cwd: copy.folder });
      assert.match(again.stdout, / is the newest\n$/);
    } finally {
      registry.stop();
    }
  });
});
