import { request } from "node:https";
import { createInterface } from "node:readline";
import type { KubernetesClient } from "../../../fakes/kubernetes-client";

const againMs = 200;

/** Calls `onEvent` for every object below the path, and for every change of one. The returned function ends that. */
export function watch(kube: KubernetesClient, path: string, onEvent: () => void): () => void {
  let isClosed = false;
  let close = () => {};
  const open = () => {
    const headers = { authorization: `Bearer ${kube.token}` };
    const call = request(`${kube.server}${path}?watch=1`, { ca: kube.authority, headers, agent: false });
    close = () => call.destroy();
    call.on("response", (response) =>
      createInterface({ input: response })
        .on("line", onEvent)
        .on("error", () => {}),
    );
    call.on("error", () => {});
    // The API server ends a watch after half an hour or more. A new one begins with all objects, so nothing is missed.
    call.on("close", () => {
      if (!isClosed) setTimeout(open, againMs).unref();
    });
    call.end();
  };
  open();
  return () => {
    isClosed = true;
    close();
  };
}
