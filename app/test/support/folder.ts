import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const folders: string[] = [];

/** An empty folder that is gone when the tests have ended. */
export function temporaryFolder(name: string): string {
  if (folders.length === 0) {
    process.once("exit", removeAll);
    process.once("SIGTERM", () => process.exit(143));
  }
  const folder = mkdtempSync(path.join(tmpdir(), `${name}-`));
  folders.push(folder);
  return folder;
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
