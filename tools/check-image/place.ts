import { relative, resolve } from "node:path";
import type { Settings } from "../../components/settings";
import { projectFolder } from "../stack/file";
import { type Finding, ok, type Value } from "./finding";

/** The keys with which the stack builds the folder that was checked, if it builds another. */
export function folderFindings(folder: string, { image, build }: Pick<Settings, "image" | "build">): Finding[] {
  const set: Record<string, Value> = {
    ...(image !== "build" && { image: "build" }),
    ...(resolve(projectFolder, build.context) !== folder && { "build.context": contextOf(folder) }),
  };
  return Object.keys(set).length === 0 ? [] : [ok("With this key the stack builds and runs this folder.", set)];
}

/** As the key build.context names a folder: relative to the project folder. */
export const contextOf = (folder: string) => relative(projectFolder, folder) || ".";

/** The command that makes the stack run the image that was checked. */
export const pinCommand = (image: string, stack = "<stack>") => `npm run pin -- ${image} --stack ${stack}`;
