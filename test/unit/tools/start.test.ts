import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { serviceSpec } from "../../../components/core/service-spec";
import { UserError } from "../../../tools/cli/user-error";
import { stackSettings } from "../../../tools/stack/settings";
import { processReplica } from "../../../tools/start/replica";
import { Service } from "../../../tools/start/service";
import { temporaryFolder } from "../../support/folder";
import { freePort } from "../../support/free-port";
import { StartedService } from "../../support/started-service";

const root = join(__dirname, "../../..");

describe("npm start as a command", function () {
  this.timeout(120_000);
  let service: StartedService | undefined;
  afterEach(() => service?.kill());

  it("classifies a photo, prints the next steps, and drains at Ctrl-C", async () => {
    const port = await freePort();
    service = new StartedService(["--port", String(port)], { ...process.env, INIT_CWD: root });
    await service.prints("Ctrl-C stops it");
    const url = `http://127.0.0.1:${port}`;
    const next = "pulumi login --local && pulumi stack init local && pulumi up";
    for (const line of [
      `Starting a replica of 1 vCPU and 2048 MiB on port ${port}`,
      "cat ",
      next,
      `Page  ${url}/`,
      `curl -F file=@app/photos/chelsea.png ${url}/predict`,
    ]) {
      assert.ok(service.output.includes(line), `"${line}" is missing from\n${service.output}`);
    }
    const [, command = ""] = /^ +Try +(curl -F .*)$/m.exec(service.output) ?? [];
    const { stdout } = await promisify(execFile)("sh", ["-c", `${command}?top=2`], { cwd: root });
    assert.match(stdout, /^\{"predictions":\[\{"class":"tiger cat"/);
    service.interrupt();
    assert.equal(await service.ended, 0, service.output);
    await assert.rejects(fetch(`${url}/ready`), "something still answers");
  });

  it("ends when its parent process is killed", async () => {
    const port = await freePort();
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(2_000) }).then(
        ({ ok }) => ok,
        () => false,
      );
    const until = async (wanted: boolean) => {
      for (const end = Date.now() + 60_000; (await answers()) !== wanted; await sleep(200)) {
        assert.ok(Date.now() < end, `after 60 s it ${wanted ? "does not answer" : "answers still"}`);
      }
    };
    const main = join(root, "tools/start/main.js");
    const command = `"${process.execPath}" "${main}" --port ${port} & wait`;
    const starter = spawn("sh", ["-c", command], { stdio: "ignore" });
    try {
      await until(true);
    } finally {
      starter.kill("SIGKILL");
    }
    await until(false);
  });

  it("reports in one line that the port is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    try {
      await once(holder, "listening");
      const { port } = holder.address() as AddressInfo;
      service = new StartedService(["--port", String(port)]);
      assert.equal(await service.ended, 1);
      assert.match(service.output, /^Port \d+ is taken by another program\. .* --port \d+\n$/);
    } finally {
      holder.close();
    }
  });

  it("reports in one line that no Docker engine answers", async () => {
    const nowhere = { ...process.env, DOCKER_HOST: "unix:///nonexistent/docker.sock" };
    service = new StartedService(["--docker", "--port", String(await freePort())], nowhere);
    assert.equal(await service.ended, 1);
    assert.match(service.output, /^Docker cannot be used: .* Node alone is enough\.\n$/);
  });

  it("reports in one line that Docker denies permission, with the group to join", async () => {
    const folder = temporaryFolder("docker");
    const said = "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock";
    writeFileSync(join(folder, "docker"), `#!/bin/sh\necho "${said}" >&2\nexit 1\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) };
    service = new StartedService(["--docker", "--port", String(await freePort())], env);
    assert.equal(await service.ended, 1);
    assert.match(service.output, /^Docker cannot be used: permission denied .* Join the group docker, or .*\n$/);
  });

  it("prints how long it has waited", async () => {
    const command = processReplica(serviceSpec(stackSettings("local")), join(root, "app"), await freePort());
    const deaf = new Service({ ...command, args: ["-e", "console.log('loading'); setInterval(() => {}, 1000)"] });
    const said: string[] = [];
    const { log } = console;
    console.log = (text: string) => said.push(text);
    try {
      const waiting = deaf.untilReady("http://127.0.0.1:9/ready", { limitSeconds: 5, progressEverySeconds: 0.3 });
      await assert.rejects(waiting, /^Error: The service was not ready after 5 s\. Its last log line: loading$/);
    } finally {
      console.log = log;
      deaf.kill();
    }
    assert.match(said.join("\n"), /^ {2}not ready yet, \d s \.\.\.\n/);
  });

  it("reports in one line that the model is missing", async () => {
    const command = processReplica(serviceSpec(stackSettings("local")), join(root, "app"), await freePort());
    const replica = new Service({ ...command, env: { ...command.env, MODEL_URI: "/nonexistent/model" } });
    await assert.rejects(replica.untilReady("http://127.0.0.1:9/ready"), (error: Error) => {
      assert.match(error.message, /^The service ended before it was ready: .*\/nonexistent\/model/);
      return error instanceof UserError;
    });
  });
});
