import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RequestError } from "../errors";

declare module "fastify" {
  interface FastifyRequest {
    /** On performance.now()'s clock. */
    arrivedAt: number;
    /** Predictions write a line of their own, which says more. */
    isPrediction: boolean;
    /** Why it is refused, if so. */
    refusal: RequestError | null;
  }
}

/** Gives every request its id back, and one line in the log under it, once it is answered or its caller gone. */
export function logRequests(app: FastifyInstance): void {
  app.decorateRequest("arrivedAt", 0);
  app.decorateRequest("isPrediction", false);
  app.decorateRequest("refusal", null);
  app.addHook("onRequest", async (request, reply) => {
    request.arrivedAt = performance.now();
    reply.header("x-request-id", request.id);
    reply.raw.once("close", () => {
      if (!request.isPrediction) request.log.info(summary(request, reply), "request");
    });
  });
}

export function summary(request: FastifyRequest, { raw }: FastifyReply) {
  return {
    method: request.method,
    path: request.url,
    api_key: request.apiKey ?? undefined,
    // Nobody was told a status before it was sent.
    status: raw.headersSent ? raw.statusCode : undefined,
    error: request.refusal?.message,
    seconds: Math.round((performance.now() - request.arrivedAt) * 10) / 1e4,
  };
}
