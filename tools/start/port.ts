import { createServer } from "node:net";
import { UserError } from "../cli/user-error";

/** Checks the port before the build: otherwise the server fails a minute later. */
export async function assertFree(port: number): Promise<void> {
  const probe = createServer();
  const obstacle = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    probe.once("error", resolve).listen(port, "127.0.0.1", () => resolve(undefined));
  });
  await new Promise((resolve) => probe.close(resolve));
  if (obstacle === undefined) return;
  const other = `choose another: npm start -- --port ${port === 65535 ? port - 1 : port + 1}`;
  if (obstacle.code === "EADDRINUSE")
    throw new UserError(`Port ${port} is taken by another program. End it, or ${other}`);
  throw new UserError(`Port ${port} cannot be used (${obstacle.code}); ${other}`);
}
