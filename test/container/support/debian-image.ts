import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../../tools/start/command";
import type { Docker } from "../../../tools/start/docker";

/** An image made of Debian packages, with the name, paths and user of the published one, so that a Dockerfile works unchanged. */
export interface DebianImage {
  readonly suite: "bookworm" | "trixie";
  readonly packages: readonly string[];
  readonly command: readonly string[];
  /** The only architecture that its packages exist for. */
  readonly onlyOn?: NodeJS.Architecture;
  /** Adds what is no Debian package. `bundle` is the path inside the image of the certificates that this machine trusts. */
  complete(root: string, scratch: string, bundle: string | undefined): Promise<void>;
}

/** Files that the published slim images do not contain either. */
const notInASlimImage = [
  "var/cache/apt",
  "var/lib/apt/lists",
  "usr/share/doc",
  "usr/share/info",
  "usr/share/locale",
  "usr/share/man",
];

export async function makeImage(docker: Docker, name: string, image: DebianImage): Promise<void> {
  console.log(`    making a base image in place of ${name} (minutes, once)`);
  const work = await mkdtemp(join(tmpdir(), "inference-base-"));
  try {
    const root = join(work, "root");
    const include = image.packages.length === 0 ? [] : [`--include=${image.packages.join(",")}`];
    await runCommand("debootstrap", ["--variant=minbase", ...include, image.suite, root], { limitSeconds: 900 });
    for (const path of notInASlimImage) await empty(join(root, path));
    const scratch = join(work, "scratch");
    await mkdir(scratch);
    await image.complete(root, scratch, await trustWhatThisMachineTrusts(root));
    const archive = join(work, "root.tar");
    await runCommand("tar", ["-C", root, "-cf", archive, "."], { limitSeconds: 300 });
    const change = ["--change", `CMD ${JSON.stringify(image.command)}`];
    await docker.run(["import", ...change, archive, name], { limitSeconds: 300 });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Behind a proxy with its own certificate, a package manager inside the build must trust that certificate too. */
async function trustWhatThisMachineTrusts(root: string): Promise<string | undefined> {
  const bundle = process.env.NODE_EXTRA_CA_CERTS;
  if (bundle === undefined || !existsSync(bundle)) return undefined;
  await mkdir(join(root, "usr/local/etc"), { recursive: true });
  await copyFile(bundle, join(root, "usr/local/etc/ca.crt"));
  return "/usr/local/etc/ca.crt";
}

async function empty(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true, force: true });
}
