import { join } from "node:path";
import { help, optionsOf, positive, text } from "../cli/options";
import { run } from "../cli/run";
import { buildAppIfStale } from "../start/build-app";
import { faultsOf, mostGrowthMbPerHour, report } from "./report";
import { SoakedServer } from "./server";
import { soak } from "./soak";

const usage = `npm run soak -- [--minutes 15]

Runs the server of app/ as a process of its own, measures what it carries, and
sends 80 % of that, with the photos in app/photos in turns. Meanwhile it ends a
worker every 30 s, sends mutated requests, keeps ten bodies arriving a byte at a
time, and sends a burst of 3.5 times the capacity every minute. Prints one
table.

Exits with 1 when an answer is lost or differs, when a mutated request is
answered unexpectedly, when sockets stay open, or when memory in use grows by
more than ${mostGrowthMbPerHour} MB an hour (judged from 15 minutes on). Memory
and sockets need Linux.
--minutes   under load; 0.5 to 600`;

const app = join(__dirname, "../../app");

// The server ends with this process, whose exit handler an untreated signal would skip.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

run(async () => {
  const values = optionsOf(process.argv.slice(2), { minutes: { ...text, default: "15" }, help }, usage);
  if (values.help) return console.log(usage);
  const minutes = Math.max(0.5, positive("minutes", values.minutes, 600));
  await buildAppIfStale(app);
  const server = await SoakedServer.start(app);
  const outcome = await soak(server, minutes * 60);
  const ended = { ...outcome, end: await server.stop() };
  console.log(report(ended));
  for (const [message, count] of server.errors) console.log(`Logged ${count} times: ${message}`);
  const faults = faultsOf(ended);
  for (const fault of faults) console.error(`FAILED: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
});
