import { attempt, seen } from "../attempt";
import { writableFolder } from "../cause";
import type { Check } from "../context";
import { ok, warning } from "../finding";

export const files: Check = {
  name: "files",
  needsServer: true,
  async run(context) {
    const { spec, docker, server, adopted } = context;
    if (spec.readOnly) return [ok(`It runs on a read-only root. Writable: ${spec.writablePaths.join(", ")}.`)];
    const changes = await docker.run(["diff", server.container.id], { limitSeconds: 60 });
    const folders = writtenFolders(changes);
    const wrote = folders.length === 0 ? "It writes no file outside /tmp" : `It writes into ${folders.join(", ")}`;
    const set = { readOnly: true, writablePaths: withoutNested(["/tmp", ...folders]) };
    const tried = await attempt(context, "Starting with a read-only root", set);
    if (!tried.works) return [ok(`${wrote}. Its root stays writable; read-only it does not work: ${tried.reason}`)];
    context.adopted = { ...adopted, ...set };
    return [
      warning(`${wrote}, and its root is writable. On a read-only root ${seen(context)}.`, {
        "container.readOnly": true,
        "container.writablePaths": set.writablePaths,
      }),
    ];
  },
};

/** What Docker itself changes, what is writable anyway, and caches that Python does without. */
const ignored = [
  /^\/(dev|proc|sys|tmp|run\/secrets)(\/|$)/,
  /^\/(run|var\/run)$/,
  /^\/etc\/(hosts|hostname|resolv\.conf|mtab)$/,
];
const isIgnored = (path: string) => path.includes("/__pycache__") || ignored.some((one) => one.test(path));

/** From `docker diff`: the topmost folders that got new or changed files. */
export function writtenFolders(diff: string): string[] {
  const lines = [...diff.matchAll(/^([ACD]) (\/.+)$/gm)].map(([, kind = "", path = ""]) => ({ kind, path }));
  const isParent = (path: string) => lines.some((other) => other.path.startsWith(`${path}/`));
  const added = lines.filter(({ kind, path }) => kind === "A" && !isIgnored(path));
  const isInAdded = (path: string) => added.some((other) => path.startsWith(`${other.path}/`));
  const folders = lines
    // A folder counts as changed whenever something in it is; what was added below says more.
    .filter(({ kind, path }) => !isIgnored(path) && !isInAdded(path) && (kind === "A" || !isParent(path)))
    .map(({ path }) => (isParent(path) ? path : writableFolder(path)));
  return withoutNested([...new Set(folders)].sort());
}

const withoutNested = (paths: readonly string[]) =>
  paths.filter((path) => !paths.some((other) => path !== other && path.startsWith(`${other}/`)));
