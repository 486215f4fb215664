import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onEnd } from "./on-end";

/** An empty folder that is deleted when this process ends, interrupted or not. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with these files that is deleted after the test, whether it passes or fails. */
export function withFolder<T>(files: Readonly<Record<string, string>>, test: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "inference-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
