import { openLoop } from "./load";
import { quantile } from "./statistics";

const perSecond = 20;

/** Asks /health at a constant rate, and sends the p99 of the time to the process that started it. */
async function main([port, durationMs]: string[]): Promise<void> {
  const answers = await openLoop({ port: Number(port), path: "/health" }, perSecond, Number(durationMs));
  const latencies = answers.map(({ latencyMs }) => latencyMs);
  process.send?.(quantile(latencies, 0.99));
}

void main(process.argv.slice(2));
