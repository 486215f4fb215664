import assert from "node:assert/strict";
import { causeOf, type Failure } from "../../../../tools/check-image/cause";

const spec: Failure["spec"] = {
  cpuUnits: 512,
  memoryMiB: 1024,
  readOnly: true,
  writablePaths: ["/tmp"],
  port: 8080,
  architecture: "x86_64",
  startSeconds: 120,
};
const ended = (exitCode: number, log: string, own: Partial<Failure["spec"]> = {}): Failure => ({
  ended: { exitCode, outOfMemory: false },
  log,
  spec: { ...spec, ...own },
});
const refused = (refusal: string): Failure => ({ refusal, log: "", spec });

describe("causeOf", () => {
  for (const [title, failure, text, set] of [
    [
      "names the next memory size of Fargate after the kernel killed it",
      { ...ended(137, ""), ended: { exitCode: 137, outOfMemory: true } },
      /more than 1024 MiB/,
      [{ key: "memory", value: 2048 }],
    ],
    [
      "makes a folder writable that Python finds read-only",
      ended(1, "OSError: [Errno 30] Read-only file system: '/models/cache'"),
      /read-only and it writes \/models\/cache/,
      [{ key: "container.writablePaths", value: ["/tmp", "/models/cache"] }],
    ],
    [
      "makes the folder of a file writable that Node finds read-only",
      ended(1, "Error: EROFS: read-only file system, open '/var/lib/app/state.json'"),
      /it writes \/var\/lib\/app\/state\.json/,
      [{ key: "container.writablePaths", value: ["/tmp", "/var/lib/app"] }],
    ],
    [
      "makes the root writable if the log names no path",
      ended(1, "cannot create log: Read-only file system"),
      /read-only: cannot create log/,
      [{ key: "container.readOnly", value: false }],
    ],
    [
      "names a folder that the user may not use",
      ended(1, "PermissionError: [Errno 13] Permission denied: '/models/cache'", {
        readOnly: false,
        writablePaths: [],
      }),
      /its user may not use \/models\/cache/,
      [{ key: "container.writablePaths", value: ["/models/cache"] }],
    ],
    [
      "gives a low port to root",
      ended(1, "Error: listen EACCES: permission denied 0.0.0.0:80", { user: { uid: 1000, gid: 1000 } }),
      /only root can listen below 1024/,
      [{ key: "container.user", value: "root" }],
    ],
    ["knows another architecture", ended(1, "exec /app: exec format error"), /for other machines/, undefined],
    [
      "names a missing program",
      refused('docker: Error: exec: "serve": executable file not found in $PATH: unknown.'),
      /no program serve/,
      undefined,
    ],
    ["names a missing variable", ended(1, "KeyError: 'MODEL_NAME'"), /variable MODEL_NAME is missing/, undefined],
    ["knows a change of user", ended(1, "gosu: setgroups: operation not permitted"), /no capabilities/, undefined],
    ["knows a command that ends", ended(0, "done"), /its command is no server/, undefined],
    [
      "shows the last line of what it does not know",
      ended(3, "a\nno such model"),
      /exit code 3 .*: no such model$/,
      undefined,
    ],
  ] as const) {
    it(title, () => {
      const found = causeOf(failure);
      assert.equal(found.verdict, "problem");
      assert.match(found.text, text);
      assert.deepEqual(found.set, set);
    });
  }
});
