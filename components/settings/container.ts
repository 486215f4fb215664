import { bindsLowPort, type ContainerSettings, containerOf, none, userOf } from "../core/container";
import { presetNames, presets } from "../core/presets";
import type { Problem } from "../core/problems";
import { entry } from "./entry";
import { whenFieldsValid } from "./rule";
import { flag, integer, list, object, oneOf, optional, type Schema, text } from "./schema";

const isPath = (value: string) => /^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(value) && value.length <= 128;
const httpPath = text("a path such as /health", isPath);
const pathOrNone = text(`a path such as /health, or ${none}`, (value) => value === none || isPath(value));
const word = text("a text that is not empty", (value) => value !== "");
export const folder = text(
  "an absolute path such as /var/cache: not the root, no . or .., no / at the end",
  (value) => /^\/[\w.@-]+(\/[\w.@-]+)*$/.test(value) && !/\/\.{1,2}(\/|$)/.test(value),
);
const user = text("image, root, or a number such as 1000 or 1000:1000", (value) =>
  /^(image|root|\d{1,9}(:\d{1,9})?)$/.test(value),
);

/** YAML reads 1000:1000 as text, but 1000 as a number. */
const asText = (schema: Schema<string>): Schema<string> => ({
  ...schema,
  read: (value, ...rest) => schema.read(typeof value === "number" ? String(value) : value, ...rest),
});
const userText = asText(user);

/** A user that does not depend on the image. */
export const userNumbers = asText(
  text("root, or a number such as 1000 or 1000:1000", (value) => /^(root|\d{1,9}(:\d{1,9})?)$/.test(value)),
);

/** The load balancer takes so many values in the conditions of a rule. */
const mostPlatformPaths = 5;
/** Fargate ends a task two minutes after SIGTERM at the latest. */
const longestStop = 120;
/** Of a task on Fargate (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html). */
const storage = integer(21, 200);

const container = object(
  {
    preset: oneOf(presetNames),
    port: optional(integer(1, 65535)),
    readinessPath: optional(httpPath),
    livenessPath: optional(pathOrNone),
    command: optional(list(word)),
    args: optional(list(word)),
    startSeconds: optional(integer(1, 7200)),
    stopSeconds: integer(2, longestStop),
    user: optional(userText),
    readOnly: optional(flag),
    writablePaths: optional(list(folder)),
    ephemeralStorageGiB: optional(storage),
    idleSeconds: integer(1, 4000),
    stickySeconds: integer(0, 604_800),
    healthCommand: optional(list(word)),
    platformPaths: optional(list(httpPath)),
    metricsPath: optional(pathOrNone),
    logFormat: optional(oneOf(["ours", "json", "text"])),
  },
  { preset: "ours", stopSeconds: 90, idleSeconds: 60, stickySeconds: 0 },
);

export const containerKeys = {
  container: entry({
    schema: container,
    text: "What the image needs and offers, the same on ECS, on EKS and on this machine. `preset` names a framework; a field that you leave out comes from it (docs/bring-your-container.md). `startSeconds` is how long a start may take, `stopSeconds` how long an exit may take after SIGTERM. `user: image` is the image's own user. With `readOnly` the container can write to `writablePaths` only. `idleSeconds` is how long the load balancer waits for data; keep the server's keep-alive above it. `stickySeconds` keeps a caller on one replica. `livenessPath: none` turns liveness checks off. ECS runs `healthCommand` in the container. Callers get 404 on `platformPaths`. `metricsPath` alone sets only the annotations of Kubernetes that a Prometheus of yours reads; a sidecar sends metrics to CloudWatch (docs/operations.md). `logFormat` decides how alarms and saved queries read the log (docs/operations.md).",
    example: { container: { preset: "fastapi", port: 8000, readinessPath: "/healthz", startSeconds: 180 } },
  }),
};

export const containerRules = [
  whenFieldsValid({
    key: "container",
    fact: "Only root or the image's own user can listen on a port below 1024.",
    fields: ["preset", "port", "user"],
    problems: portProblems,
  }),
  whenFieldsValid({
    key: "container",
    fact: "`command`, `args` and `healthCommand` are not empty.",
    fields: [],
    problems: commandProblems,
  }),
  whenFieldsValid({
    key: "container",
    fact: "`writablePaths` are different folders, none inside another, and none of those that the platform mounts.",
    fields: [],
    problems: writableProblems,
  }),
  whenFieldsValid({
    key: "container",
    fact: `\`platformPaths\` has at most ${mostPlatformPaths} paths. The readiness path may be one, the liveness path may not: Route 53 and callers ask it.`,
    fields: ["preset", "livenessPath", "platformPaths"],
    problems: platformPathProblems,
  }),
  whenFieldsValid({
    key: "container",
    fact: "Two presets have a fixed contract. `ours` takes no other paths than `/ready` and `/health`, and not root; only it takes `logFormat: ours`. `sagemaker` takes port 8080, `/ping`, and `args` that begin with `serve`. Both take `livenessPath: none`.",
    fields: ["preset"],
    problems: contradictions,
  }),
];

function portProblems(written: ContainerSettings): Problem[] {
  const resolved = containerOf(written);
  const isOther = resolved.user !== undefined && resolved.user.uid !== 0;
  if (!isOther || !bindsLowPort(resolved)) return [];
  const { port } = resolved;
  const expected = `1024 or more, because ${written.user ?? "the user of the preset"} cannot listen on a lower port; or user root`;
  return [{ key: "container.port", value: port, expected }];
}

function commandProblems(written: ContainerSettings): Problem[] {
  return (["command", "args", "healthCommand"] as const)
    .filter((field) => written[field]?.length === 0)
    .map((field) => ({ key: `container.${field}`, value: [], expected: "at least one word; or leave it out" }));
}

/** What the kernel and the platforms mount. */
const mounted = ["/proc", "/sys", "/dev", "/mnt/secrets", "/run/secrets"];

function writableProblems({
  writablePaths = [],
}: {
  readonly writablePaths?: readonly (string | undefined)[];
}): Problem[] {
  return writablePaths.flatMap((path, index) => {
    const before = writablePaths.slice(0, index).filter((other) => other !== undefined);
    return path === undefined ? [] : mountProblems(`container.writablePaths[${index}]`, path, before);
  });
}

/** Whether something can be mounted at the path, beside what is mounted at the others. */
export function mountProblems(key: string, path: string, others: readonly string[]): Problem[] {
  const isIn = (one: string, other: string) => one === other || one.startsWith(`${other}/`);
  const overlapping = (all: readonly string[]) => all.find((other) => isIn(path, other) || isIn(other, path));
  const reserved = overlapping(mounted);
  if (reserved) return [{ key, value: path, expected: `a folder outside ${reserved}, which the platform mounts` }];
  const taken = overlapping(others);
  return taken === undefined ? [] : [{ key, value: path, expected: `a folder that does not overlap with ${taken}` }];
}

function platformPathProblems(written: ContainerSettings): Problem[] {
  const { platformPaths, paths } = containerOf(written);
  const key = "container.platformPaths";
  const tooMany = platformPaths.length > mostPlatformPaths;
  const hidesLiveness = paths.liveness !== undefined && platformPaths.includes(paths.liveness);
  return [
    ...(tooMany ? [{ key, value: platformPaths, expected: `at most ${mostPlatformPaths} paths` }] : []),
    ...(hidesLiveness
      ? [{ key, value: platformPaths, expected: `paths other than ${paths.liveness}, the liveness path` }]
      : []),
  ];
}

const contradicts = (field: string, value: unknown, expected: string) => [
  { key: `container.${field}`, value, expected },
];

function contradictions(written: ContainerSettings): Problem[] {
  const { preset, logFormat, user: named } = written;
  const isRoot = named !== undefined && userOf(named)?.uid === 0;
  return [
    ...(preset !== "ours" && logFormat === "ours"
      ? contradicts("logFormat", logFormat, "json or text: only preset ours writes the lines of our server")
      : []),
    ...(preset === "ours" && isRoot
      ? contradicts("user", named, "no value with preset ours, whose server needs no root")
      : []),
    ...(preset === "sagemaker" ? startContradictions(written) : []),
    ...(preset === "ours" || preset === "sagemaker" ? pathContradictions(written, preset) : []),
  ];
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html */
function startContradictions({ port, args: [first] = [] }: ContainerSettings): Problem[] {
  const fixed = presets.sagemaker;
  return [
    ...(port !== undefined && port !== fixed.port
      ? contradicts("port", port, `${fixed.port} with preset sagemaker; another port needs preset other`)
      : []),
    ...(first !== undefined && first !== fixed.args[0]
      ? contradicts("args[0]", first, "serve with preset sagemaker; other arguments need preset other")
      : []),
  ];
}

function pathContradictions(written: ContainerSettings, preset: "ours" | "sagemaker"): Problem[] {
  return (["readinessPath", "livenessPath"] as const).flatMap((field) => {
    const [value, fixed] = [written[field], presets[preset][field]];
    const allowed: readonly unknown[] = [undefined, fixed, ...(field === "livenessPath" ? [none] : [])];
    const expected = `${fixed} with preset ${preset}; another path needs preset other`;
    return allowed.includes(value) ? [] : contradicts(field, value, expected);
  });
}
