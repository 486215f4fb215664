import { nearest } from "./did-you-mean";
import { keys } from "./keys";

/** Keys under a mistyped project name, which the program does not read. */
export function namespaceWarnings(config: Readonly<Record<string, unknown>>, project: string): string[] {
  return Object.keys(config).flatMap((key) => {
    const [namespace = "", name = ""] = key.split(":", 2);
    const isMistyped = namespace !== project && Object.hasOwn(keys, name) && nearest(namespace, [project]) === project;
    return isMistyped ? [`${key} is not read: did you mean ${project}:${name}?`] : [];
  });
}
