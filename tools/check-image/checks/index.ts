import { answers } from "./answers";
import { files } from "./files";
import { healthCommand } from "./health-command";
import { keepAlive } from "./keep-alive";
import { log } from "./log";
import { paths } from "./paths";
import { port } from "./port";
import { size } from "./size";
import { start } from "./start";
import { stop } from "./stop";
import { user } from "./user";

/** In the order of the report; a folder that `files` makes writable may be what another user needs. Those under `waiting` only wait for something, and run beside the others. */
export const checks = {
  ordered: [start, port, paths, healthCommand, answers, files, user, stop, log, size],
  waiting: [keepAlive],
};
