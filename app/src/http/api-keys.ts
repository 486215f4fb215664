import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { errors } from "../errors";

declare module "fastify" {
  interface FastifyRequest {
    /** The name of the key that the caller showed. */
    apiKey: string | null;
  }
  interface FastifyContextConfig {
    /** Answers without a key: it is for the platform, and a load balancer hides it from callers. */
    isForPlatform?: boolean;
  }
}

/** The SHA-256 of each key by its name: the hashes do not open the service. */
export type ApiKeys = ReadonlyMap<string, Buffer>;

export const apiKeysExpected =
  'JSON such as {"mobile": "<the SHA-256 of its key in 64 hex digits>"}, with one name or more of letters, digits, _, . and -';

/** Undefined for an invalid list. An empty list is invalid too: it would admit no caller. */
export function parseApiKeys(text: string): ApiKeys | undefined {
  const entries = Object.entries(parsed(text));
  const fit = entries.every(([name, hash]) => /^[\w.-]{1,64}$/.test(name) && /^[0-9a-f]{64}$/i.test(String(hash)));
  if (!fit || entries.length === 0) return undefined;
  return new Map(entries.map(([name, hash]) => [name, Buffer.from(String(hash), "hex")]));
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** Takes equally long for every key, valid or not. */
function nameOf(key: string, keys: ApiKeys): string | undefined {
  const shown = createHash("sha256").update(key).digest();
  let found: string | undefined;
  for (const [name, hash] of keys) if (timingSafeEqual(shown, hash)) found = name;
  return found;
}

/** Refuses requests without a valid key before reading the body. Probes are answered before this hook. */
export function requireApiKey(app: FastifyInstance, keys: ApiKeys | undefined): void {
  app.decorateRequest("apiKey", null);
  if (!keys) return;
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config?.isForPlatform) return;
    const shown = request.headers["x-api-key"];
    request.apiKey = (typeof shown === "string" && nameOf(shown, keys)) || null;
    if (request.apiKey) return;
    reply.header("www-authenticate", "ApiKey");
    throw errors.noKey();
  });
}
