import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import path from "node:path";
import type { FastifyInstance } from "fastify";

/** Photos to try. The page, the Dockerfile and .dockerignore name them too. */
const examples = ["goldfish.webp", "kitten.webp", "panda.webp"];
const folder = (...names: string[]) => path.join(__dirname, "..", "..", ...names);

/** The page to drop a photo on. Its content security policy allows only its own inline script and style, and no other host. */
export function addPage(app: FastifyInstance, prefixes: string[], bodyLimitBytes: number): void {
  const html = readFileSync(folder("page", "index.html"), "utf8").replace(
    'data-body-limit="0"',
    `data-body-limit="${bodyLimitBytes}"`,
  );
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(html, "script")}`,
    `style-src ${hashOf(html, "style")}`,
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  for (const prefix of prefixes) {
    app.get(`${prefix}/`, (_request, reply) =>
      reply
        .type("text/html; charset=utf-8")
        .header("content-security-policy", policy)
        .header("cache-control", "no-cache")
        .send(html),
    );
    for (const name of examples) {
      app.get(`${prefix}/examples/${name}`, (_request, reply) =>
        reply
          .type("image/webp")
          .header("cache-control", "max-age=86400")
          .send(createReadStream(folder("photos", name))),
      );
    }
    // The page's URLs are relative, so they need the trailing slash.
    if (prefix) app.get(prefix, (_request, reply) => reply.redirect(`${prefix}/`, 308));
  }
}

function hashOf(html: string, element: "script" | "style"): string {
  const [, content] = new RegExp(`<${element}>(.*?)</${element}>`, "s").exec(html) ?? [];
  if (content === undefined) throw new Error(`page/index.html has no <${element}>`);
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}
