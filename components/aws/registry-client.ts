/** Registry URL and Authorization header; anonymous when absent. */
export interface RegistryAccess {
  readonly url: string;
  readonly authorization?: string;
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

/** Without credentials it fetches an anonymous token. Public registries require one, and name its address in a 401 response. */
export function registryClient({ url, authorization: given }: RegistryAccess, signal: AbortSignal): Send {
  let authorization = given;
  return async (path, { method = "GET", headers, body } = {}) => {
    const send = () =>
      fetch(new URL(path, url), {
        method,
        headers: { ...headers, ...(authorization && { authorization }) },
        ...(body && { body, duplex: "half" }),
        signal,
      });
    const response = await send();
    if (response.status !== 401 || authorization !== undefined) return response;
    authorization = `Bearer ${await anonymousToken(response.headers.get("www-authenticate") ?? "", signal)}`;
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

async function anonymousToken(challenge: string, signal: AbortSignal): Promise<string> {
  const url = tokenUrl(challenge);
  if (!url) throw new Error("the registry requires credentials");
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url.host} answered ${response.status}`);
  const { token, access_token: accessToken } = (await response.json()) as { token?: string; access_token?: string };
  return token ?? accessToken ?? "";
}

/** The answer, or an error that names the registry and its status. */
export function accepted(response: Response): Response {
  if (response.ok) return response;
  throw new Error(`${new URL(response.url).host} answered ${response.status}`);
}
