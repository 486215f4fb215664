import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { run } from "../cli/run";
import { constantArrivals } from "./arrivals";
import { sender } from "./requests";
import { summary } from "./summary";

const seconds = 10;
const wantedPerSecond = 5_000;
/** The last answers arrive a little after the last second. */
const enough = 0.99;

/** Measures how many requests a second the client sends in time, against a server that does nothing. */
async function bench(): Promise<void> {
  const child = fork(__filename, ["serve"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [port] = await once(child, "message");
  const requests = sender();
  const url = new URL(`http://127.0.0.1:${port}/`);
  let sustained = false;
  try {
    console.log(" sent/s  answered/s  p50 ms  p99 ms  max ms  errors  this process");
    for (const perSecond of [wantedPerSecond / 5, wantedPerSecond, wantedPerSecond * 2]) {
      const before = { at: performance.now(), cpu: process.cpuUsage() };
      const arrivals = { perSecond, seconds };
      const answers = await constantArrivals(arrivals, (_, dueMs) => requests.send({ url }, dueMs));
      const passed = performance.now() - before.at;
      const { user, system } = process.cpuUsage(before.cpu);
      const { p50Ms, p99Ms, maxMs, errors } = summary(answers);
      const answered = ((answers.length - errors) / passed) * 1000;
      const cells = [perSecond, answered, p50Ms, p99Ms, maxMs, errors].map((value, index) =>
        value.toFixed(index > 1 && index < 5 ? 1 : 0).padStart([7, 10, 6, 6, 6, 6][index] ?? 0),
      );
      console.log([...cells, `${((user + system) / 1000 / passed).toFixed(2)} CPUs`].join("  "));
      if (perSecond === wantedPerSecond) sustained = errors === 0 && answered >= enough * wantedPerSecond;
    }
    console.log(`${wantedPerSecond} requests/s sustained: ${sustained ? "met" : "missed"}`);
    if (!sustained) process.exitCode = 1;
  } finally {
    await requests.close();
    child.kill();
  }
}

function serve(): void {
  const server = createServer((_, response) => response.end("ok"));
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}

if (process.argv[2] === "serve") serve();
else run(bench);
