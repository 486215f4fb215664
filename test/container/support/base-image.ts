import { existsSync } from "node:fs";
import type { Docker } from "../../../tools/start/docker";
import { type DebianImage, makeImage } from "./debian-image";
import { nodeSlim } from "./node-slim";
import { pythonSlim } from "./python-slim";

/** Images that can be made from Debian's and a language's packages, for machines that reach package registries but no image registry. */
const makeable: Readonly<Record<string, DebianImage>> = {
  "node:24-bookworm-slim": nodeSlim,
  "python:3.11-slim": pythonSlim("bookworm"),
  // Debian's PyTorch is built for CPUs. PyPI's wheels for Linux on x64 need CUDA.
  "python:3.13-slim": pythonSlim("trixie", ["torch"]),
};

/** Undefined when the base image exists; otherwise the reason why it does not. */
export async function provideBaseImage(docker: Docker, name: string): Promise<string | undefined> {
  if (await docker.hasImage(name)) return undefined;
  try {
    await docker.run(["pull", "--quiet", name], { limitSeconds: 180 });
    return undefined;
  } catch (error) {
    const pull = `the base image ${name} cannot be pulled (${(error as Error).message.split("\n")[0]})`;
    const image = makeable[name];
    if (image === undefined) return `${pull}, and only ${Object.keys(makeable).join(", ")} can be made here`;
    const obstacle = obstacleToMaking(image);
    if (obstacle !== undefined) return `${pull}, and cannot be made here: ${obstacle}`;
    await makeImage(docker, name, image);
    return undefined;
  }
}

function obstacleToMaking(image: DebianImage): string | undefined {
  if (image.onlyOn !== undefined && process.arch !== image.onlyOn)
    return `its packages are for ${image.onlyOn} and this machine is ${process.arch}`;
  if (process.getuid?.() !== 0) return "debootstrap needs root";
  if (!existsSync("/usr/sbin/debootstrap")) return "debootstrap is not installed (apt-get install debootstrap)";
  return undefined;
}
