import { cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand } from "../../../tools/start/command";
import type { Docker } from "../../../tools/start/docker";
import { temporaryFolder } from "../../support/folder";
import { reference } from "./images";

/** Answers its host name, and computes for as long as `/busy?ms=` says. */
const server = `
const name = require("node:os").hostname();
const busy = (ms) => { for (const end = Date.now() + ms; Date.now() < end; ); };
const server = require("node:http").createServer((request, response) => {
  busy(Number(new URL(request.url, "http://x").searchParams.get("ms") ?? 0));
  response.end(name);
});
server.listen(8080);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

/**
 * An image with the Node of this machine and a server on port 8080, made within seconds. Docker builds the same content into the same
 * image again, so runs leave one image behind, not one each. Returns the reference that a pod names.
 */
export async function smallImage(docker: Docker, name: string): Promise<string> {
  const folder = temporaryFolder("small-image");
  const program = realpathSync(process.execPath);
  const libraries = (await runCommand("ldd", [program], { limitSeconds: 10 })).match(/\/\S+/g) ?? [];
  for (const file of [program, ...libraries]) {
    const target = join(folder, "root", file);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target, { dereference: true });
  }
  writeFileSync(join(folder, "root/server.js"), server);
  const command = `CMD ${JSON.stringify([program, "/server.js"])}`;
  writeFileSync(join(folder, "Dockerfile"), `FROM scratch\nCOPY root /\n${command}\n`);
  const id = await docker.build(folder, `inference-tests/${name}:1`);
  rmSync(folder, { recursive: true });
  return reference(name, id);
}
