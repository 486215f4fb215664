import { after, before } from "mocha";
import type { Docker } from "../../../tools/start/docker";
import { appFolder, type Engine, findEngine } from "./engine";

const buildLimitMs = 20 * 60_000;

let engine: Promise<Engine | { missing: string }> | undefined;
let id: Promise<string> | undefined;

export interface Image {
  docker: Docker;
  id: string;
}

/** Inside a describe: the image of app/, built once for all suites. Without an engine the tests are skipped with the reason. */
export function imageUnderTest(): Image {
  const image: Partial<Image> = {};
  before("builds the image", async function () {
    this.timeout(buildLimitMs);
    engine ??= findEngine();
    const found = await engine;
    if ("missing" in found) {
      console.log(`    skipped, no Docker engine: ${found.missing}`);
      return this.skip();
    }
    id ??= buildOnce(found.docker);
    Object.assign(image, { docker: found.docker, id: await id });
  });
  return image as Image;
}

async function buildOnce(docker: Docker): Promise<string> {
  let output = "";
  try {
    return await docker.build(appFolder, "inference:under-test", (text) => {
      output += text;
    });
  } catch (error) {
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
