import type { FastifyInstance, FastifyReply } from "fastify";
import type { Registry } from "prom-client";
import type { Admission } from "./admission";
import { errors } from "./errors";
import type { Model } from "./model";

export interface Release {
  version: string;
  revision: string;
}

export interface StatusOptions {
  model: Model;
  admission: Admission;
  registry: Registry;
  release: Release;
}

/** What platforms ask: is the process alive, does it want traffic, what is it, how does it fare. None runs the model. */
export function addStatusRoutes(app: FastifyInstance, prefixes: string[], options: StatusOptions): void {
  const { model, admission, registry, release } = options;
  const ready = async (_request: unknown, reply: FastifyReply) => {
    if (admission.draining) throw errors.draining();
    if (!model.ready) throw errors.notReady();
    return reply.send({ status: "ready" });
  };
  for (const prefix of prefixes) {
    app.get(`${prefix}/health`, async () => ({ status: "healthy", model: model.info.name }));
    app.get(`${prefix}/ready`, ready);
    app.get(`${prefix}/ping`, ready);
    app.get(`${prefix}/version`, async () => ({ ...release, model: { ...model.info, input: model.input } }));
    app.get(`${prefix}/metrics`, async (_request, reply) =>
      reply.type(registry.contentType).send(await registry.metrics()),
    );
  }
}
