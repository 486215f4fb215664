import type { Registry } from "prom-client";
import type { ModelInfo } from "../model/model-source";
import { EmbeddedMetrics } from "./emf";
import { createPrometheus, type Recorder, type UnderWay } from "./metrics";

const emfIntervalMs = 10_000;

export interface Telemetry {
  registry: Registry;
  recorder: Recorder;
  /** Writes the metrics of the embedded metric format that are not yet written. */
  flush: () => void;
}

/** Prometheus always, and CloudWatch's embedded metric format on stdout when EMF is 1. */
export function createTelemetry(
  model: () => ModelInfo,
  underWay: UnderWay,
  { emf: isWanted }: { emf: boolean },
): Telemetry {
  const { registry, recorder } = createPrometheus(model, underWay);
  if (!isWanted) return { registry, recorder, flush: () => undefined };
  const emf = new EmbeddedMetrics(model().name, (line) => process.stdout.write(`${line}\n`));
  const flush = () => emf.flush();
  setInterval(flush, emfIntervalMs);
  return { registry, recorder: both(recorder, emf), flush };
}

function both(first: Recorder, second: Recorder): Recorder {
  return {
    request(...event) {
      first.request(...event);
      second.request(...event);
    },
    batch(...event) {
      first.batch(...event);
      second.batch(...event);
    },
  };
}
