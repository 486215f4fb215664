import assert from "node:assert/strict";
import { problemsOf, settingsOf } from "../../support/settings";

const sagemakerPort = "8080 with preset sagemaker; another port needs preset other";
const inProc = "a folder outside /proc, which the platform mounts";

/** What is written under `container`, the key of the problem, and its words. */
const bad: readonly (readonly [object, string, string])[] = [
  [{ port: 0 }, "port", "a whole number from 1 to 65535"],
  [{ port: 65536 }, "port", "a whole number from 1 to 65535"],
  [{ readinessPath: "ready" }, "readinessPath", "a path such as /health"],
  [{ livenessPath: "live" }, "livenessPath", "a path such as /health, or none"],
  [{ metricsPath: "/a b" }, "metricsPath", "a path such as /health, or none"],
  [{ command: [] }, "command", "at least one word; or leave it out"],
  [{ args: [] }, "args", "at least one word; or leave it out"],
  [{ healthCommand: [""] }, "healthCommand[0]", "a text that is not empty"],
  [{ user: "nobody" }, "user", "image, root, or a number such as 1000 or 1000:1000"],
  [
    { writablePaths: ["/"] },
    "writablePaths[0]",
    "an absolute path such as /var/cache: not the root, no . or .., no / at the end",
  ],
  [
    { writablePaths: ["/tmp/"] },
    "writablePaths[0]",
    "an absolute path such as /var/cache: not the root, no . or .., no / at the end",
  ],
  [
    { writablePaths: ["/a/../b"] },
    "writablePaths[0]",
    "an absolute path such as /var/cache: not the root, no . or .., no / at the end",
  ],
  [{ writablePaths: ["/a", "/a/b"] }, "writablePaths[1]", "a folder that does not overlap with /a"],
  [{ writablePaths: ["/a", "/a"] }, "writablePaths[1]", "a folder that does not overlap with /a"],
  [{ writablePaths: ["/proc/x"] }, "writablePaths[0]", inProc],
  [{ stopSeconds: 121 }, "stopSeconds", "a whole number from 2 to 120"],
  [{ ephemeralStorageGiB: 20 }, "ephemeralStorageGiB", "a whole number from 21 to 200"],
  [{ idleSeconds: 4001 }, "idleSeconds", "a whole number from 1 to 4000"],
  [{ platformPaths: ["/a", "/b", "/c", "/d", "/e", "/f"] }, "platformPaths", "at most 5 paths"],
  [{ platformPaths: ["/health"] }, "platformPaths", "paths other than /health, the liveness path"],
  [
    { preset: "fastapi", logFormat: "ours" },
    "logFormat",
    "json or text: only preset ours writes the lines of our server",
  ],
  [{ user: "root" }, "user", "no value with preset ours, whose server needs no root"],
  [{ preset: "sagemaker", port: 5000 }, "port", sagemakerPort],
  [
    { preset: "sagemaker", readinessPath: "/health" },
    "readinessPath",
    "/ping with preset sagemaker; another path needs preset other",
  ],
  [{ preset: "sagemaker", args: ["run"] }, "args[0]", "serve with preset sagemaker; other arguments need preset other"],
  [
    { preset: "sagemaker", livenessPath: "/foo" },
    "livenessPath",
    "/ping with preset sagemaker; another path needs preset other",
  ],
  [{ readinessPath: "/up" }, "readinessPath", "/ready with preset ours; another path needs preset other"],
  [{ livenessPath: "/live" }, "livenessPath", "/health with preset ours; another path needs preset other"],
  [{ preset: "tei", user: "1000" }, "port", "1024 or more, because 1000 cannot listen on a lower port; or user root"],
  [{ prot: 80 }, "prot", "did you mean port?"],
];

describe("The key container", () => {
  for (const [written, field, expected] of bad) {
    it(`refuses ${JSON.stringify(written)}`, () =>
      assert.deepEqual(
        problemsOf({ container: written }).map((problem) => [problem.key, problem.expected]),
        [[`container.${field}`, expected]],
      ));
  }

  it("takes what a fixed contract leaves open", () => {
    const paths = { readinessPath: "/ready", livenessPath: "/health" };
    const sagemaker = { preset: "sagemaker", port: 8080, args: ["serve", "--debug"], healthCommand: ["true"] };
    assert.deepEqual(problemsOf({ container: { ...paths, port: 9000, command: ["node"], args: ["main.js"] } }), []);
    assert.deepEqual(problemsOf({ container: { livenessPath: "none", healthCommand: ["true"] } }), []);
    assert.deepEqual(problemsOf({ container: { ...sagemaker, readinessPath: "/ping", livenessPath: "/ping" } }), []);
    assert.deepEqual(problemsOf({ container: { ...sagemaker, livenessPath: "none" } }), []);
  });

  it("takes what a stack file and the CLI write", () => {
    const container = {
      preset: "flask",
      port: 5000,
      user: 1000,
      command: ["gunicorn"],
      writablePaths: ["/data", "/database"],
    };
    const written = settingsOf({ container: JSON.stringify(container) }).container;
    assert.deepEqual([written.port, written.user, written.command], [5000, "1000", ["gunicorn"]]);
  });

  it("warns of a container that may run as root", () => {
    const warnings = (container: object) => settingsOf({ container }).warnings.filter((text) => /root/.test(text));
    assert.deepEqual(warnings({}), []);
    assert.equal(warnings({ preset: "fastapi" }).length, 1);
    assert.equal(warnings({ preset: "fastapi", user: "1000" }).length, 0);
  });

  it("warns that Spot leaves no time for answers that take longer", () => {
    const warnings = (container: object) => settingsOf({ container, spot: { spotWeight: 1 } }).warnings.length;
    assert.deepEqual([warnings({}), warnings({ idleSeconds: 300 })], [0, 1]);
  });
});

describe("Ephemeral storage on EKS", () => {
  const storage = { container: { preset: "other", ephemeralStorageGiB: 100 } };

  it("fits on the disk of a machine of Auto Mode, or is refused", () => {
    assert.deepEqual(
      problemsOf({ ...storage, target: "eks" }).map(({ key }) => key),
      ["container.ephemeralStorageGiB"],
    );
    assert.deepEqual(problemsOf({ container: { preset: "other", ephemeralStorageGiB: 60 }, target: "eks" }), []);
  });

  it("is not limited by it on ECS, or in a cluster of others", () => {
    assert.deepEqual(problemsOf({ ...storage, target: "ecs" }), []);
    const network = {
      vpcId: "vpc-0123abcd",
      publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
      privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
    };
    const cluster = { name: "team", kubeconfig: "apiVersion: v1", controller: "auto" };
    const keys = problemsOf({ ...storage, target: "eks", network, eks: { cluster } }).map(({ key }) => key);
    assert.ok(!keys.includes("container.ephemeralStorageGiB"), String(keys));
  });
});
