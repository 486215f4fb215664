import type { Check, Context } from "../context";
import { type Finding, notChecked, ok, problem } from "../finding";

export const port: Check = {
  name: "port",
  needsServer: false,
  run: async (context) => portFindings(context),
};

export function portFindings({
  trial: { listeners, ended, container },
  spec,
  answers,
  image,
}: Pick<Context, "spec" | "answers"> & {
  readonly trial: Pick<Context["trial"], "listeners" | "ended"> & { readonly container?: object };
  readonly image: Pick<Context["image"], "exposedPorts">;
}): Finding[] {
  if (container === undefined || ended) return [notChecked("It did not run.")];
  if (answers?.port === spec.port) return [ok(`It listens on port ${spec.port}, on every address.`)];
  if (listeners === undefined) {
    const exposed = image.exposedPorts.length > 0 ? ` The image declares ${image.exposedPorts.join(", ")}.` : "";
    return [problem(`Nothing answers on port ${spec.port}.${exposed} Its open ports cannot be read.`)];
  }
  if (listeners.some((one) => one.port === spec.port && one.isLoopback)) return [loopback(spec.port)];
  const open = listeners.filter(({ isLoopback }) => !isLoopback).map((one) => one.port);
  const [other = answers?.port] = answers ? [answers.port] : open;
  if (other !== undefined)
    return [
      problem(`It listens on port ${open.join(", ")}, and container.port is ${spec.port}.`, {
        "container.port": other,
      }),
    ];
  const [inside] = listeners;
  if (inside) return [loopback(inside.port)];
  return [notChecked(`It listens on no port. container.port is ${spec.port}, and the variable PORT has that number.`)];
}

const loopback = (inside: number) =>
  problem(
    `It listens on 127.0.0.1:${inside} only, where nothing outside the container reaches it. Listen on 0.0.0.0 (--host 0.0.0.0).`,
  );
