import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import type { Registry } from "prom-client";
import { Admission } from "../../src/http/admission";
import { buildServer, type ServerOptions } from "../../src/http/server";
import { Uploads } from "../../src/http/uploads";
import type { ImageModel } from "../../src/inference/served-model";
import { createPrometheus } from "../../src/telemetry/metrics";

/** A model whose every answer the test gives by hand. */
export class FakeModel implements ImageModel {
  readonly input = "image";
  classes = 3;
  readonly info = {
    name: "fake",
    version: "1.2",
    runtime: "onnxruntime",
    precision: "fp32",
    sha256: "0".repeat(64),
  } as const;
  ready = true;
  isSteady = true;
  readonly seen: Buffer[] = [];
  /** How many classes each caller got at most. */
  readonly tops: number[] = [];
  answer: (picture: Buffer, abandoned: AbortSignal) => Promise<void> = async () => undefined;

  async classify(picture: Buffer, top: number, abandoned: AbortSignal) {
    this.seen.push(picture);
    this.tops.push(top);
    await this.answer(picture, abandoned);
    return [
      { class: "cat", class_id: 2, confidence: 0.7 },
      { class: "dog", class_id: 0, confidence: 0.2 },
      { class: "hen", class_id: 1, confidence: 0.1 },
    ].slice(0, top);
  }
}

export function serverOf(model: FakeModel, options: Partial<ServerOptions> & { maxInFlight?: number } = {}) {
  const uploads = options.uploads ?? new Uploads({ bodies: 64, bytes: 1024 * 1024 });
  const admission = new Admission(options.maxInFlight ?? 4, () => uploads.soon);
  const { registry, recorder } = createPrometheus(() => model.info, {
    inFlight: () => admission.inFlight,
    uploads: () => uploads.size,
  });
  const app = buildServer({
    model,
    admission,
    uploads,
    recorder,
    registry,
    bodyLimitBytes: 64 * 1024,
    idleSeconds: 60,
    release: { version: "9.9", revision: "abc" },
    log: pino({ level: "silent" }),
    ...options,
  });
  return { app, admission, uploads, registry };
}

/** Listens on a free port of this machine and says which. */
export async function listen(app: FastifyInstance): Promise<number> {
  return Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
}

/** One sample of a registry, e.g. `inference_requests_total{outcome="ok"}`. */
export async function sample(registry: Registry, name: string): Promise<number | undefined> {
  const line = (await registry.metrics()).split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
