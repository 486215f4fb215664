import { readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DebianImage } from "./debian-image";

/** Python's slim image, from Debian's python3. `modules` are Python packages from Debian that pip counts as installed. */
export function pythonSlim(suite: DebianImage["suite"], modules: readonly string[] = []): DebianImage {
  return {
    suite,
    packages: ["python3", "python3-pip", "ca-certificates", ...modules.map((name) => `python3-${name}`)],
    command: ["python3"],
    async complete(root, _scratch, bundle) {
      await symlink("/usr/bin/python3", join(root, "usr/local/bin/python"));
      await hideFromPip(root, modules);
      // Debian's pip refuses to install beside Debian's packages without this line (PEP 668).
      const lines = ["[global]", "break-system-packages = true", ...(bundle === undefined ? [] : [`cert = ${bundle}`])];
      await writeFile(join(root, "etc/pip.conf"), `${lines.join("\n")}\n`);
    },
  };
}

/** pip cannot replace what Debian installed, so it must not know what Debian brought along. Its own copy comes first on Python's path. */
async function hideFromPip(root: string, known: readonly string[]): Promise<void> {
  const folder = join(root, "usr/lib/python3/dist-packages");
  const isKnown = (entry: string) => ["pip", ...known].some((name) => entry.startsWith(`${name}-`));
  for (const entry of await readdir(folder)) {
    if (/\.(dist|egg)-info$/.test(entry) && !isKnown(entry)) await rm(join(folder, entry), { recursive: true });
  }
}
