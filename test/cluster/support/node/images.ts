import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../../../tools/start/command";
import type { Docker } from "../../../../tools/start/docker";
import { type Containerd, ctr } from "./containerd";
import { nodeTool } from "./requirements";

interface Loading extends Containerd {
  readonly docker: Docker;
  readonly reference: string;
}

/** The id of an image is the digest of its configuration, in Docker as in containerd. */
export async function loadImage({ docker, reference, folder, env }: Loading): Promise<void> {
  const [, id] = /@sha256:([0-9a-f]{64})$/.exec(reference) ?? [];
  if (id === undefined)
    throw new Error(`image ${reference}: expected a reference that ends in @sha256:<id of the image in Docker>`);
  const limits = { limitSeconds: 120 };
  // An image without a name would be imported without one, and containerd would delete it again.
  const name = `node.local/${env.NODE_BRIDGE}:${id.slice(0, 32)}`;
  const file = join(folder, `${id}.tar`);
  await docker.run(["tag", `sha256:${id}`, name], limits);
  try {
    await docker.run(["save", "--output", file, name], limits);
    await runCommand(nodeTool, ["load", file], { ...limits, env });
    await ctr({ folder, env }, ["images", "tag", "--force", name, reference]);
  } finally {
    await rm(file, { force: true });
    const names = await docker.run(["image", "inspect", "--format", "{{len .RepoTags}}", name], limits);
    // Docker deletes an image with its last name.
    if (Number(names) > 1) await docker.run(["rmi", name], limits);
  }
}
