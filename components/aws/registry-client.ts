import type { RegistrySignIn } from "../core/registry-sign-in";

/** Registry URL, and the Authorization header or the credentials that the registry exchanges for one; anonymous when absent. */
export interface RegistryAccess {
  readonly url: string;
  readonly authorization?: string;
  readonly credentials?: RegistrySignIn;
}

/** Sends a request to one registry. The path may be the address that the registry gave for an upload. */
export type Send = (path: string, request?: RegistryRequest) => Promise<Response>;

export interface RegistryRequest {
  readonly method?: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

/** One image, or an index of images for several platforms, in OCI's media types and in Docker's. */
export const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Uses plain HTTP for a registry on this machine, as Docker does. */
export function registryUrl(registry: string): string {
  return `${/^(localhost|127\.0\.0\.1)(:|$)/.test(registry) ? "http" : "https"}://${registry}`;
}

/**
 * Most registries require a token and name its address in a 401 response. They give one for credentials, and for public images to anyone
 * (https://distribution.github.io/distribution/spec/auth/token/).
 */
export function registryClient(access: RegistryAccess, signal: AbortSignal): Send {
  let { authorization } = access;
  return async (path, { method = "GET", headers, body } = {}) => {
    const send = () =>
      fetch(new URL(path, access.url), {
        method,
        headers: { ...headers, ...(authorization && { authorization }) },
        ...(body && { body, duplex: "half" }),
        signal,
      });
    const response = await send();
    if (response.status !== 401 || authorization !== undefined) return response;
    authorization = await signIn(response.headers.get("www-authenticate") ?? "", access.credentials, signal);
    return send();
  };
}

/** `Bearer realm="https://auth.example.com/token",service="example.com",scope="repository:name:pull"` */
export function tokenUrl(challenge: string): URL | undefined {
  const fields = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  if (!/^Bearer /i.test(challenge) || !fields.realm || !URL.canParse(fields.realm)) return undefined;
  const url = new URL(fields.realm);
  for (const key of ["service", "scope"]) if (fields[key]) url.searchParams.set(key, fields[key]);
  return url;
}

/** The Authorization header that a 401 response asks for. */
async function signIn(
  challenge: string,
  credentials: RegistrySignIn | undefined,
  signal: AbortSignal,
): Promise<string> {
  const basic =
    credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  const url = tokenUrl(challenge);
  if (url) return `Bearer ${await tokenAt(url, basic, signal)}`;
  if (basic) return basic;
  throw new Error("the registry requires credentials");
}

async function tokenAt(url: URL, authorization: string | undefined, signal: AbortSignal): Promise<string> {
  const response = accepted(await fetch(url, { signal, ...(authorization && { headers: { authorization } }) }));
  const { token, access_token: accessToken } = (await response.json()) as { token?: string; access_token?: string };
  return token ?? accessToken ?? "";
}

/** The answer, or an error that names the registry and its status. */
export function accepted(response: Response): Response {
  if (response.ok) return response;
  throw new Error(`${new URL(response.url).host} answered ${response.status}`);
}
