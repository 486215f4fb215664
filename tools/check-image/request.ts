import type { Answer, Sender } from "../load/requests";
import type { Context, Server } from "./context";

/** Sends the known requests in turns. */
export function sendsOf(
  { requests = [], headers, server }: Context & { readonly server: Server },
  sender: Sender,
  url = server.url,
) {
  let count = 0;
  return (): Promise<Answer> => {
    const template = requests[count++ % requests.length];
    if (template === undefined) throw new Error("no request is known");
    const { method, path, headers: own, body } = template;
    return sender.send({ url: new URL(url + path), method, headers: { ...headers, ...own }, body }, performance.now());
  };
}
