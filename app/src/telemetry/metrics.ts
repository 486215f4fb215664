import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ModelInfo } from "../model/model-source";

/** How a prediction request ended, as its sender saw it. */
export const outcomes = ["ok", "client_error", "overloaded", "unavailable", "failed", "gone"] as const;
export type Outcome = (typeof outcomes)[number];

/** Receives what is counted. Prometheus and CloudWatch each implement it. */
export interface Recorder {
  request(outcome: Outcome, latencySeconds: number): void;
  batch(size: number, waitsSeconds: number[]): void;
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5];

/** The current numbers of requests. */
export interface UnderWay {
  inFlight: () => number;
  uploads: () => number;
}

export function createPrometheus(
  model: () => ModelInfo,
  underWay: UnderWay,
): { registry: Registry; recorder: Recorder } {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: "inference_requests_total",
    help: "Prediction requests by how they ended",
    labelNames: ["outcome"],
    registers,
  });
  // A series that first appears with its first failure hides that failure from rate().
  for (const outcome of outcomes) requests.inc({ outcome }, 0);
  const latency = new Histogram({
    name: "inference_latency_seconds",
    help: "From a prediction request's arrival to its answer, answered ones only",
    buckets: secondsBuckets,
    registers,
  });
  const queue = new Histogram({
    name: "inference_queue_seconds",
    help: "How long a decoded input waits for a free worker",
    buckets: [0.001, ...secondsBuckets],
    registers,
  });
  const batchSize = new Histogram({
    name: "inference_batch_size",
    help: "Inputs one run of the model takes together",
    buckets: [1, 2, 3, 4, 5, 6, 7, 8],
    registers,
  });
  addGauges(registers, model, underWay);
  return {
    registry,
    recorder: {
      request(outcome, latencySeconds) {
        requests.inc({ outcome });
        if (outcome === "ok") latency.observe(latencySeconds);
      },
      batch(size, waitsSeconds) {
        batchSize.observe(size);
        for (const wait of waitsSeconds) queue.observe(wait);
      },
    },
  };
}

function addGauges(registers: Registry[], model: () => ModelInfo, { inFlight, uploads }: UnderWay): void {
  new Gauge({
    name: "inference_in_flight",
    help: "Predictions under way, of requests whose body is there",
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  new Gauge({
    name: "inference_requests_in_flight",
    help: "Prediction requests under way, those whose body is still arriving included",
    registers,
    collect() {
      this.set(uploads());
    },
  });
  new Gauge({
    name: "model_info",
    help: "The model that answers; always 1",
    labelNames: ["name", "version", "runtime", "precision", "sha256"],
    registers,
    collect() {
      this.reset();
      this.set({ ...model() }, 1);
    },
  });
}
