import type { DeployedStack } from "../stack/deployed";
import type { RequestTemplate, Sender, Target } from "./requests";

/** A destination of requests: a variant by its variant header, or the public route by the weights. */
export interface Lane {
  readonly name: string;
  readonly target?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly targetGroupArn?: string;
}

/** One lane for each variant of a stack. */
export function variantLanes({ outputs: { variants = [] } }: Pick<DeployedStack, "outputs">): Lane[] {
  return variants.map(({ name, target, header, targetGroupArn }) => {
    const [key = "", value = ""] = header.split(": ");
    return { name, target, targetGroupArn, headers: { [key]: value } };
  });
}

const answerLimitMs = 10_000;

export interface Answering {
  readonly health: number;
  readonly version?: string;
}

/** The answer of the built-in container. Another container may answer otherwise, or not at all. */
interface Version {
  readonly version?: string;
  readonly model?: { readonly name?: string; readonly version?: string };
}

/** The health and the version of a lane, before any load. A server without these paths answers 404, and is there too. */
export async function introduced({ headers }: Lane, url: URL, healthPath: string): Promise<Answering> {
  const get = (path: string) =>
    fetch(addressOf(url, path), { headers, signal: AbortSignal.timeout(answerLimitMs) }).catch(() => undefined);
  const [health, version] = await Promise.all([get(healthPath), get("/version")]);
  const answered = version?.ok ? ((await version.json().catch(() => ({}))) as Version) : {};
  const words = [answered.version, answered.model?.name, answered.model?.version].filter((word) => word !== undefined);
  return { health: health?.status ?? 0, ...(words.length > 0 && { version: words.join(" ") }) };
}

/** The requests of a lane, one template after the other. Every lane gets the same requests. */
export function requestsOf(lane: Lane, url: URL, templates: readonly RequestTemplate[], sender: Sender) {
  const targets = templates.map((template) => targetOf(lane, url, template));
  return (index: number, dueMs: number) => {
    const target = targets[index % targets.length];
    return target ? sender.send(target, dueMs) : Promise.reject(new Error("a load has no requests"));
  };
}

/** The variant header of the lane wins over a header of the request. */
export function targetOf(lane: Lane, url: URL, { method, path, headers, body }: RequestTemplate): Target {
  return { url: addressOf(url, path), method, headers: { ...headers, ...lane.headers }, body };
}

/** With "./" a path such as /models/a:predict stays a path. */
const addressOf = (url: URL, path: string) => new URL(`./${path.replace(/^\/+/, "")}`, url);
