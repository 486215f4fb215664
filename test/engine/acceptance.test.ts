import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../../tools/acceptance/progress";
import type { Report } from "../../tools/acceptance/report";
import { deployment } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { describeWithEngine } from "./support/suite";

/** The whole story takes a dozen commands of the CLI. */
const limitMs = 600_000;

describeWithEngine("npm run acceptance", (open) => {
  let sandbox: Sandbox;
  let server: Server;
  let seen = 0;

  before(async () => {
    sandbox = await open({ commandLimitMs: limitMs });
    server = createServer((request, response) => {
      request.resume().on("end", () => {
        seen++;
        response.end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    sandbox.edit("index.ts", "url: traffic.url,", `url: traffic.url.apply(() => "${url}"),`);
    sandbox.edit("tools/acceptance/run.ts", "{ before: 5, after: 15 }", "{ before: 3, after: 1 }");
    sandbox.edit("components/core/service-spec.ts", "const usualDeregistration = 30", "const usualDeregistration = 2");
    sandbox.edit("components/eks-service/rollout.ts", "const holdSeconds = 120", "const holdSeconds = 2");
    sandbox.reachFakeAws("dev");
  });
  after(() => server?.close());

  const fileIn = (name: string) => join(sandbox.project, "acceptance", name);
  const progress = () => JSON.parse(readFileSync(fileIn("progress.json"), "utf8")) as Progress;
  const report = () => JSON.parse(readFileSync(fileIn("report.json"), "utf8")) as Report;
  const outcomes = () => report().steps.map(({ name, outcome }) => `${name} ${outcome}`);

  async function untilDone(step: string): Promise<void> {
    for (const end = Date.now() + limitMs; Date.now() < end; await sleep(200)) {
      if (existsSync(fileIn("progress.json")) && progress().steps.some(({ name }) => name === step)) return;
    }
    assert.fail(`${step} was not recorded`);
  }

  it("asks before it creates anything, and leaves no file when nobody can answer", async () => {
    const { code, output } = await sandbox.script("acceptance", "--stack", "dev");
    assert.equal(code, 1);
    assert.match(output, /^About \d+\.\d\d USD by list prices of [\d-]+: \d h, /m);
    assert.match(output, /Nobody can be asked here\. To run it without a question, add --yes/);
    assert.equal(existsSync(join(sandbox.project, "Pulumi.dev-acceptance.yaml")), false);
    assert.deepEqual(sandbox.account.entries(), []);
  });

  it("Ctrl-C during an update cancels it, empties the account and removes the stack", async function () {
    this.timeout(limitMs);
    const running = sandbox.startScript("acceptance", "--stack", "dev", "--yes", "--seconds", "2");
    await untilDone("preview");
    await sandbox.waitFor("a load balancer", ({ urn, op }) => op === "create" && urn.includes("aws:lb/loadBalancer:"));
    running.signalGroup("SIGINT");
    const { code, output } = await running.result;
    assert.equal(code, 1, output);
    assert.match(output, /^Not passed\. Interrupted: Up on ECS\. Not done: Try one task, /m);
    assert.ok(outcomes().includes("destroy done"), outcomes().join());
    assert.deepEqual(sandbox.account.of("aws:ecs/service:Service"), []);
    assert.equal(existsSync(join(sandbox.project, "Pulumi.dev-acceptance.yaml")), false);
  });

  it("runs the whole story: only the broken version is refused, and the account is empty at the end", async function () {
    this.timeout(limitMs);
    const running = sandbox.startScript("acceptance", "--stack", "dev", "--yes", "--seconds", "2", "--rps", "20");
    await untilDone("new-image");
    const message = "[ErrImagePull] no such program";
    sandbox.inject({ name: "inference-eks", type: deployment, op: "update", does: "failDeployment", message });
    await untilDone("broken-image");
    sandbox.clearInjected();
    const { code, output } = await running.result;
    assert.equal(code, 0, output);
    assert.deepEqual(
      outcomes(),
      [
        ...["preview", "up", "try", "load", "flip-to-eks", "both", "new-image", "broken-image", "back"],
        ...["destroy", "leftovers"],
      ].map((name) => `${name} done`),
    );
    const { sent, lost } = report();
    assert.ok(sent > 500 && sent <= seen, `${sent} sent, ${seen} seen`);
    assert.equal(lost, 0);
    assert.deepEqual(sandbox.account.of("aws:lb/loadBalancer:LoadBalancer"), []);
  });

  it("the report names no account and no host", () => {
    const written = ["report.html", "report.md", "report.json"].map((name) => readFileSync(fileIn(name), "utf8"));
    for (const text of written) assert.doesNotMatch(text, /123456789012|127\.0\.0\.1|amazonaws/);
  });
});
