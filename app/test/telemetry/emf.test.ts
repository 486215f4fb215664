import assert from "node:assert/strict";
import { EmbeddedMetrics } from "../../src/telemetry/emf";

describe("EmbeddedMetrics", () => {
  let lines: { _aws: unknown; [key: string]: unknown }[];
  let metrics: EmbeddedMetrics;
  beforeEach(() => {
    lines = [];
    metrics = new EmbeddedMetrics("cats", (line) => lines.push(JSON.parse(line)));
  });

  it("writes one line for all that happened between two flushes", () => {
    metrics.request("ok", 0.25);
    metrics.request("ok", 0.5);
    metrics.request("overloaded", 0.001);
    metrics.batch(2, [0.01, 0.02]);
    metrics.flush(1_700_000_000_000);
    assert.deepEqual(lines, [
      {
        _aws: {
          Timestamp: 1_700_000_000_000,
          CloudWatchMetrics: [
            {
              Namespace: "Inference",
              Dimensions: [["Model"]],
              Metrics: [
                { Name: "Predictions", Unit: "Count" },
                { Name: "LatencySeconds", Unit: "Seconds" },
                { Name: "Overloaded", Unit: "Count" },
                { Name: "BatchSize", Unit: "Count" },
                { Name: "QueueSeconds", Unit: "Seconds" },
              ],
            },
          ],
        },
        Model: "cats",
        Predictions: [2],
        LatencySeconds: [0.25, 0.5],
        Overloaded: [1],
        BatchSize: [2],
        QueueSeconds: [0.01, 0.02],
      },
    ]);
  });

  it("writes nothing when nothing happened", () => {
    metrics.flush();
    metrics.request("gone", 0.1);
    metrics.flush();
    assert.deepEqual(lines, [], "nobody was told how this one ended");
    metrics.request("ok", 0.25);
    metrics.flush();
    metrics.flush();
    assert.equal(lines.length, 1);
  });

  it("splits beyond the 100 values that CloudWatch takes, and counts each request once", () => {
    for (let index = 0; index < 250; index++) metrics.request("ok", 0.1);
    metrics.flush();
    assert.deepEqual(
      lines.map((line) => (line.LatencySeconds as number[]).length),
      [100, 100, 50],
    );
    assert.deepEqual(
      lines.map((line) => line.Predictions),
      [[250], undefined, undefined],
    );
  });
});
