import { basename } from "node:path";
import { after, before } from "mocha";
import type { Docker } from "../../../tools/start/docker";
import { appFolder, type Engine, findEngine, provideBasesOf } from "./engine";

const buildLimitMs = 20 * 60_000;

let engine: Promise<Engine | { missing: string }> | undefined;
const ids = new Map<string, Promise<string | { missing: string }>>();

export interface Image {
  docker: Docker;
  id: string;
}

/**
 * Inside a describe: the image of a folder, built once for all suites. Without an engine or a base image the tests are skipped with the
 * reason; so are those of an image with build arguments, when the build cannot download what they add.
 */
export function imageUnderTest(folder = appFolder, args: Readonly<Record<string, string>> = {}): Image {
  const image: Partial<Image> = {};
  before("builds the image", async function () {
    this.timeout(buildLimitMs);
    engine ??= findEngine();
    const found = await engine;
    if ("missing" in found) {
      console.log(`    skipped, no Docker engine: ${found.missing}`);
      return this.skip();
    }
    const key = [folder, ...Object.values(args)].join(" ");
    const built = ids.get(key) ?? buildOnce(folder, args, found.docker);
    ids.set(key, built);
    const id = await built;
    if (typeof id !== "string") {
      console.log(`    skipped: ${id.missing}`);
      return this.skip();
    }
    Object.assign(image, { docker: found.docker, id });
  });
  return image as Image;
}

/** What apt and pip print when they reach no server, or none that they trust. */
const noDownload =
  /.*(Temporary failure resolving|Could not resolve|Failed to fetch|NewConnectionError|CERTIFICATE_VERIFY_FAILED).*/;

async function buildOnce(
  folder: string,
  args: Readonly<Record<string, string>>,
  docker: Docker,
): Promise<string | { missing: string }> {
  const missing = await provideBasesOf(folder, docker);
  if (missing !== undefined) return { missing };
  let output = "";
  try {
    // A tag takes no slash and no colon, which the URL of a source has.
    const name = ["under-test", basename(folder), ...Object.values(args)].join("-").replace(/[^\w.-]+/g, "-");
    const tag = `inference:${name}`;
    const collect = (text: string) => {
      output += text;
    };
    return await docker.build(folder, tag, collect, args);
  } catch (error) {
    const [obstacle] = noDownload.exec(output) ?? [];
    if (obstacle !== undefined && Object.keys(args).length > 0)
      return { missing: `the build cannot download: ${obstacle}` };
    // Docker's own message is only an exit code; the output of the failed step has the reason.
    console.log(output.slice(-2000));
    throw error;
  }
}

after("stops the Docker engine that was started for this run", async function () {
  this.timeout(60_000);
  const found = await engine;
  if (found !== undefined && !("missing" in found)) await found.stop();
});
