import type { ContainerSettings } from "../../components/core/container";
import { sender } from "../load/requests";
import { lastLogLine } from "../start/service";
import { causeOf } from "./cause";
import type { Context, Server } from "./context";
import { sendsOf } from "./request";

export type Attempt = { readonly works: true } | { readonly works: false; readonly reason: string };

/** Whether the image also becomes ready, and answers a known request, with these changes. */
export async function attempt(
  context: Context & { readonly server: Server },
  label: string,
  changes: Partial<ContainerSettings>,
): Promise<Attempt> {
  const trial = await context.start(label, changes);
  const { container, readySeconds, refusal, ended, log } = trial;
  try {
    if (refusal !== undefined || ended !== undefined) return { works: false, reason: causeOf(trial).text };
    if (readySeconds === undefined) return { works: false, reason: `not ready: ${lastLogLine(log)}` };
    if (context.requests === undefined || container === undefined) return { works: true };
    const client = sender();
    const { status } = await sendsOf(context, client, container.url)();
    await client.close();
    return status >= 200 && status <= 299 ? { works: true } : { works: false, reason: `the request gets ${status}` };
  } finally {
    await container?.remove();
  }
}

/** What it proves: more with a request. */
export const seen = ({ requests }: Pick<Context, "requests">) =>
  requests === undefined ? "it becomes ready" : "it becomes ready and answers the request";
