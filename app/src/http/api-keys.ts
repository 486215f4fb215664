import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { errors } from "../errors";
import type { RequestRecord } from "./request-record";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answers without a key: the platform calls it, and the load balancer hides it from callers. */
    isForPlatform?: boolean;
  }
}

/** The SHA-256 of each key by its name: a hash does not let its reader call the service. */
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
  const sent = createHash("sha256").update(key).digest();
  let found: string | undefined;
  for (const [name, hash] of keys) if (timingSafeEqual(sent, hash)) found = name;
  return found;
}

/** Refuses requests without a valid key before reading the body. Probes are answered before this hook. */
export function requireApiKey(app: FastifyInstance, keys: ApiKeys | undefined): void {
  if (!keys) return;
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config?.isForPlatform) return;
    const key = request.headers["x-api-key"];
    const record: RequestRecord = request.record;
    record.apiKey = typeof key === "string" ? nameOf(key, keys) : undefined;
    if (record.apiKey) return;
    reply.header("www-authenticate", "ApiKey");
    throw errors.noKey();
  });
}
