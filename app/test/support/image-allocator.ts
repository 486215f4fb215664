import { readFileSync } from "node:fs";
import path from "node:path";

const dockerfile = path.join(__dirname, "..", "..", "Dockerfile");

/** What the image tells the C library's allocator; memory without it would be another server's. */
export function allocatorOfTheImage(): Record<string, string> {
  return Object.fromEntries(
    [...readFileSync(dockerfile, "utf8").matchAll(/^ENV (MALLOC_\w+)=(\S+)$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
}
