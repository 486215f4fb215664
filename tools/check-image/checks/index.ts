import { paths } from "./paths";
import { port } from "./port";
import { start } from "./start";

/** In the order of the report. Those under `waiting` only wait for something, and run beside the others. */
export const checks = { ordered: [start, port, paths], waiting: [] };
