import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Model } from "../inference/served-model";

export interface Release {
  version: string;
  revision: string;
}

export interface StatusOptions {
  model: Model;
  registry: Registry;
  release: Release;
}

/** GET /version and GET /metrics under each prefix. */
export function addStatusRoutes(app: FastifyInstance, prefixes: string[], options: StatusOptions): void {
  const { model, registry, release } = options;
  for (const prefix of prefixes) {
    app.get(`${prefix}/version`, async () => ({ ...release, model: { ...model.info, input: model.input } }));
    app.get(`${prefix}/metrics`, { config: { isForPlatform: true } }, async (_request, reply) =>
      reply.type(registry.contentType).send(await registry.metrics()),
    );
  }
}
