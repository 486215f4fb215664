import { createServer } from "node:net";
import { UserError } from "../cli/user-error";

/** Why nothing can listen on the port; undefined if it is free. */
async function obstacleAt(port: number): Promise<NodeJS.ErrnoException | undefined> {
  const probe = createServer();
  const obstacle = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    probe.once("error", resolve).listen(port, "127.0.0.1", () => resolve(undefined));
  });
  await new Promise((resolve) => probe.close(resolve));
  return obstacle;
}

const mostTries = 100;

/** The first free port from this one on: only the build shows which port an image wants, too late to refuse it. */
export async function freePortFrom(first: number): Promise<number> {
  for (let port = first; port < Math.min(first + mostTries, 65536); port++)
    if ((await obstacleAt(port)) === undefined) return port;
  throw new UserError(`Port ${first} and those after it are taken; choose one: npm start -- --port PORT`);
}

/** Checks the port before the build: otherwise the server fails a minute later. */
export async function assertFree(port: number): Promise<void> {
  const obstacle = await obstacleAt(port);
  if (obstacle === undefined) return;
  const other = `choose another: npm start -- --port ${port === 65535 ? port - 1 : port + 1}`;
  if (obstacle.code === "EADDRINUSE")
    throw new UserError(`Port ${port} is taken by another program. End it, or ${other}`);
  throw new UserError(`Port ${port} cannot be used (${obstacle.code}); ${other}`);
}
