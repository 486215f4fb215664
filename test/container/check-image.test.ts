import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ProjectCopy } from "../engine/support/project-copy";
import { temporaryFolder } from "../support/folder";
import { imageUnderTest } from "./support/image-under-test";

/** What the stand-in server does: variables of stand-in/server.js, and its user. */
interface Habits {
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly command?: readonly string[];
}

/** A short idle time, so that the keep-alive is seen soon. */
const stackFile = `# Small
config:
  aws:region: us-east-1
  ingressCidrs: [127.0.0.1/32] # nobody
  cpu: 256
  memory: 512
  container:
    preset: other # no framework
    idleSeconds: 6
    stopSeconds: 11
`;

describe("npm run check-image", function () {
  this.timeout(150_000);
  const base = imageUnderTest(join(__dirname, "stand-in"));
  const tags: string[] = [];
  let project: ProjectCopy;

  before(() => {
    project = new ProjectCopy(join(temporaryFolder("check-image"), "project"));
  });
  after(async () => {
    if (tags.length > 0) await base.docker.run(["image", "rm", "--force", ...tags], { limitSeconds: 60 });
  });

  async function image(name: string, { environment = {}, user, command }: Habits): Promise<string> {
    const variables = Object.entries(environment).map(([key, value]) => `ENV ${key}=${value}`);
    const lines = [
      "FROM inference:under-test-stand-in",
      ...variables,
      ...(user ? [`USER ${user}`] : []),
      ...(command ? [`CMD ${JSON.stringify(command)}`] : []),
    ];
    const tag = `inference:check-${name}`;
    const folder = temporaryFolder("stand-in");
    writeFileSync(join(folder, "Dockerfile"), `${lines.join("\n")}\n`);
    await base.docker.build(folder, tag);
    tags.push(tag);
    return tag;
  }

  const pathOf = (stack: string) => join(project.folder, `Pulumi.${stack}.yaml`);

  function start(args: readonly string[], host = base.docker.host) {
    const env = { ...process.env, ...(host && { DOCKER_HOST: host }) };
    const words = ["-r", "ts-node/register/transpile-only", "tools/check-image/main.ts", ...args];
    const child = execFile(process.execPath, words, { cwd: project.folder, env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: string) => {
        output += text;
      });
    }
    const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
      child.on("close", (code) => resolve({ code, output }));
    });
    return { child, ended };
  }

  /** Checks an image with a stack of its own. Spaces and line breaks count as one space. */
  async function checked(name: string, habits: Habits, ...args: string[]) {
    const tag = await image(name, habits);
    writeFileSync(pathOf(name), stackFile);
    const { code, output } = await start([tag, "--stack", name, ...args]).ended;
    // A command in the keys to set is one line, whatever its length.
    const [report = ""] = output.split(/^(?:Set in|Wrote into)/m);
    assert.deepEqual(
      report.split("\n").filter((line) => line.length > 80),
      [],
    );
    return { code, output: output.replace(/\s+/g, " ") };
  }

  function assertLines({ output }: { readonly output: string }, lines: readonly RegExp[]): void {
    for (const line of lines) assert.match(output, line);
  }

  it("accepts a good server, finds five habits of a bad one, and writes the keys of a third", async () => {
    const request = ["--path", "/predict"];
    const [good, bad, third] = await Promise.all([
      checked("good", { environment: { ANSWER_MS: "500", HEALTH_PATH: "/" } }, ...request),
      checked(
        "bad",
        {
          environment: {
            ...{ ANSWER_MS: "500", HEALTH_PATH: "/", KEEP_ALIVE_SECONDS: "2", ON_TERM: "drop" },
            WRITES: "/srv/cache",
          },
          user: "root",
        },
        ...request,
      ),
      checked(
        "third",
        {
          environment: { LISTEN_PORT: "9123", HEALTH_PATH: "/v2/health/ready", ON_TERM: "ignore" },
          command: ["sh", "-c", "node /app/server.js; true"],
        },
        "--write",
      ),
    ]);
    assertLines(good, [
      /ok start Ready [\d.]+ s after its start; container\.startSeconds is 120/,
      /ok port It listens on port 8080, on every address/,
      /ok paths GET \/ answers 200 \(readiness and liveness\)/,
      /warning health cmd No healthCommand\..*Set container\.healthCommand, as below/,
      /ok answers The first request is answered with 200 in \d+ ms, and \d+ more in 5 s/,
      /ok answers It takes \d+ MiB at rest, \d+ MiB under a short load; memory is 512 MiB/,
      /warning files It writes no file outside \/tmp.*On a read-only root it becomes ready and answers the request/,
      /ok user It runs as the image's user 1000:1000 \("node"\).*Set container\.user: 1000:1000/,
      /ok SIGTERM It exits [\d.]+ s after SIGTERM with code 0; it has 11 s/,
      /ok SIGTERM All \d requests that were under way at SIGTERM are answered/,
      /ok log It prints \d+ lines? of log, as text/,
      /ok size The image has \d+ MiB unpacked/,
      /ok keep-alive An idle connection stays open for more than 6 s/,
      /^(?!.*problem {2})/,
    ]);
    assert.equal(good.code, 0);
    assertLines(bad, [
      /warning files It writes into \/srv\/cache.*Set container\.readOnly: true Set container\.writablePaths: \[\/tmp, \/srv\/cache\]/,
      /warning user It runs as root.*As 1000:1000 it becomes ready and answers the request.*Set container\.user: 1000:1000/,
      /problem SIGTERM \d of \d requests under way at SIGTERM got no answer/,
      /problem keep-alive It closes an idle connection after [23] s.*6 s: callers get 502.*keepAliveTimeout = 21000/,
    ]);
    assert.equal(bad.code, 1);
    assertLines(third, [
      /problem port It listens on port 9123, and container\.port is 8080\. Set container\.port: 9123/,
      /problem paths GET \/ answers 404; expected 200.*200 comes from \/v2\/health\/ready.*Set container\.livenessPath: \/v2\/health\/ready/,
      /not checked answers No request is known/,
      /problem SIGTERM Process 1 has no handler for SIGTERM.*EKS kills it after container\.stopSeconds, 11 s.*Its shell passes no signal on/,
      /Wrote into Pulumi\.third\.yaml:/,
    ]);
    assert.equal(third.code, 1);
    const written = readFileSync(pathOf("third"), "utf8");
    for (const line of [
      "    port: 9123",
      "    readinessPath: /v2/health/ready",
      "    preset: other # no framework",
      "# Small",
    ])
      assert.ok(written.split("\n").includes(line), written);
  });

  it("finds a server on 127.0.0.1", async () => {
    const loopback = await checked("loopback", { environment: { LISTEN_HOST: "127.0.0.1" } });
    assertLines(loopback, [
      /problem port It listens on 127\.0\.0\.1:8080 only.*Listen on 0\.0\.0\.0/,
      /not checked the rest .*keep-alive: it does not answer with 200/,
    ]);
    assert.equal(loopback.code, 1);
  });

  it("finds the folder that a server needs, and starts with the keys that it wrote", async () => {
    const habits = { environment: { WRITES: "/models/cache", HEALTH_PATH: "/" } };
    const denied = await checked("denied", habits, "--write");
    assertLines(denied, [
      /problem start It ended with exit code 1: its user may not use \/models\/cache/,
      /Wrote into Pulumi\.denied\.yaml: container: writablePaths: - \/models\/cache Next, to deploy this image: npm run pin -- inference:check-denied --stack denied $/,
    ]);
    const again = await start(["inference:check-denied", "--stack", "denied"]).ended;
    assert.match(again.output, /ok {11}start {7}Ready/);
    assert.equal(again.code, 0, again.output);
  });

  it("finds a port that only root can listen on", async () => {
    const low = await checked("low", {}, "--preset", "tei");
    assertLines(low, [/problem start It may not listen on its port.*EACCES.*Set container\.user: root/]);
  });

  it("removes its container at Ctrl-C", async () => {
    const { child, ended } = start([await image("interrupted", {}), "--preset", "other"]);
    const containers = async () =>
      (await base.docker.run(["ps", "--all", "--format", "{{.Names}}"], { limitSeconds: 10 }))
        .split("\n")
        .filter((name) => name.startsWith(`inference-run-${child.pid}-`));
    while ((await containers()).length === 0) await sleep(100);
    child.kill("SIGINT");
    assert.equal((await ended).code, 130);
    assert.deepEqual(await containers(), []);
  });

  it("prints one line where no Docker answers", async () => {
    const { code, output } = await start(["model"], "unix:///nowhere.sock").ended;
    assert.match(output, /^Docker cannot be used: .*\. Start Docker\.\n$/);
    assert.equal(code, 1);
  });
});
