import type { ImageReference } from "./image-reference";

/** Where a registry answers, and who asks; nobody in particular without a word on that. */
export interface RegistryAccess {
  readonly url: string;
  readonly authorization?: string;
}

/** One image, or a list of them for several platforms, in the words of OCI and of Docker before it. */
interface Manifest {
  readonly manifests?: readonly { readonly platform?: Platform }[];
  readonly config?: { readonly digest?: string };
}

interface Platform {
  readonly os?: string;
  readonly architecture?: string;
}

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** What an image is made for, as its registry knows it ("amd64"): a list says so itself, a single image in its configuration. */
export async function architecturesOf(
  { repository, digest }: ImageReference,
  { url, authorization }: RegistryAccess,
  signal: AbortSignal,
): Promise<string[]> {
  const ask = askAs(authorization, signal);
  const base = `${url}/v2/${repository}`;
  const manifest: Manifest = await ask(`${base}/manifests/${digest}`, manifestTypes);
  const platforms = manifest.manifests
    ? manifest.manifests.map(({ platform = {} }) => platform)
    : [await ask<Platform>(`${base}/blobs/${manifest.config?.digest}`, ["*/*"])];
  return architecturesIn(platforms);
}

/** Of a list some entries are no images but say how one was built. */
export function architecturesIn(platforms: readonly Platform[]): string[] {
  const found = platforms.flatMap(({ os, architecture }) => (os === "linux" && architecture ? [architecture] : []));
  if (found.length === 0) throw new Error("the registry names no architecture for Linux");
  return [...new Set(found)];
}

type Ask = <T>(url: string, accept: readonly string[]) => Promise<T>;

/** A registry that is open to everybody still wants a token, and says where to get it. */
function askAs(given: string | undefined, signal: AbortSignal): Ask {
  let authorization = given;
  return async (url, accept) => {
    const send = () => {
      const headers = { accept: accept.join(", "), ...(authorization && { authorization }) };
      return fetch(url, { headers, signal });
    };
    let response = await send();
    if (response.status === 401 && authorization === undefined) {
      authorization = `Bearer ${await anybodysToken(response.headers.get("www-authenticate") ?? "", signal)}`;
      response = await send();
    }
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
    // Whoever asks knows which document is behind the address.
    return (await response.json()) as never;
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

async function anybodysToken(challenge: string, signal: AbortSignal): Promise<string> {
  const url = tokenUrl(challenge);
  if (!url) throw new Error("the registry wants a name and a password");
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url.host} answered ${response.status}`);
  const { token, access_token: accessToken } = (await response.json()) as { token?: string; access_token?: string };
  return token ?? accessToken ?? "";
}
