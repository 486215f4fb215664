import type { Outcome, Recorder } from "./metrics";

/** CloudWatch takes at most this many values of one metric in a line. */
const valuesPerLine = 100;

const counts: Record<Exclude<Outcome, "gone">, string> = {
  ok: "Predictions",
  client_error: "ClientErrors",
  overloaded: "Overloaded",
  unavailable: "Unavailable",
  failed: "Failures",
};
const units: Record<string, string> = { LatencySeconds: "Seconds", QueueSeconds: "Seconds", BatchSize: "Count" };

/**
 * CloudWatch's embedded metric format: metrics as log lines, so no API call and no credentials. Everything between two
 * flushes becomes one line (more only beyond 100 values); a quiet interval writes none.
 */
export class EmbeddedMetrics implements Recorder {
  private values: Record<string, number[]> = {};

  constructor(
    private readonly model: string,
    private readonly write: (line: string) => void,
  ) {}

  request(outcome: Outcome, latencySeconds: number): void {
    if (outcome === "gone") return;
    const name = counts[outcome];
    this.values[name] = [(this.values[name]?.[0] ?? 0) + 1];
    if (outcome === "ok") this.add("LatencySeconds", latencySeconds);
  }

  batch(size: number, waitsSeconds: number[]): void {
    this.add("BatchSize", size);
    for (const wait of waitsSeconds) this.add("QueueSeconds", wait);
  }

  flush(nowMs = Date.now()): void {
    while (Object.keys(this.values).length > 0) {
      const rest: Record<string, number[]> = {};
      const line: Record<string, number[]> = {};
      for (const [name, values] of Object.entries(this.values)) {
        line[name] = values.slice(0, valuesPerLine);
        if (values.length > valuesPerLine) rest[name] = values.slice(valuesPerLine);
      }
      this.write(this.format(line, nowMs));
      this.values = rest;
    }
  }

  private add(name: string, value: number): void {
    this.values[name] ??= [];
    this.values[name].push(Math.round(value * 1e4) / 1e4);
  }

  private format(values: Record<string, number[]>, nowMs: number): string {
    const metrics = Object.keys(values).map((name) => ({ Name: name, Unit: units[name] ?? "Count" }));
    const directive = { Namespace: "Inference", Dimensions: [["Model"]], Metrics: metrics };
    return JSON.stringify({ _aws: { Timestamp: nowMs, CloudWatchMetrics: [directive] }, Model: this.model, ...values });
  }
}
