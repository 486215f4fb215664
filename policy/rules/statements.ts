import { fromJson, list, object, type Properties } from "./rule";

/** The statements of a policy that allow something. */
export const statementsOf = (policy: unknown): readonly Properties[] =>
  list(object(fromJson(policy)).Statement)
    .map(object)
    .filter(({ Effect }) => Effect === "Allow");

/** Whether a statement of a resource's policy admits everyone. */
export function isEveryone({ Principal, Condition }: Properties): boolean {
  const principals = typeof Principal === "string" ? [Principal] : list(object(Principal).AWS);
  return principals.includes("*") && Condition === undefined;
}
