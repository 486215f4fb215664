import { describeListeners, type Listener, type SettingNames } from "../../components/core/listeners";
import type { ServiceSpec } from "../../components/core/service-spec";
import { knownPaths } from "../check-image/context";
import { isWrongAnswer, statusOf } from "../check-image/trial";

/** What the stack file calls container.port and container.preset. */
export const flags: SettingNames = { port: "--container-port", preset: "--preset" };

/** Why a running server does not become ready; undefined for one that is still starting. */
export async function hintFor(
  listeners: readonly Listener[],
  { port, paths: { readiness } }: Pick<ServiceSpec, "port" | "paths">,
  url: string,
): Promise<string | undefined> {
  const elsewhere = listeners.length === 0 ? undefined : describeListeners(listeners, port, flags);
  if (elsewhere !== undefined) return `it ${elsewhere}`;
  const status = await statusOf(url + readiness);
  if (status === 200 || !isWrongAnswer(status)) return undefined;
  for (const path of knownPaths)
    if (path !== readiness && (await statusOf(url + path)) === 200)
      return `GET ${readiness} answers ${status}; ${path} answers 200: set --readiness-path ${path}`;
  return `GET ${readiness} answers ${status}; set --readiness-path to one that answers 200`;
}
