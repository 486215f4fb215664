import assert from "node:assert/strict";
import { createServer } from "node:net";
import { serviceSpec } from "../../../components/core/service-spec";
import { parseSettings } from "../../../components/settings";
import { UserError } from "../../../tools/cli/user-error";
import { readArguments } from "../../../tools/start/arguments";
import { assertFree } from "../../../tools/start/port";
import { containerReplica, heapMiB, processReplica, type ReplicaCommand } from "../../../tools/start/replica";
import { lastLogLine, Service } from "../../../tools/start/service";
import { freePort } from "../../support/free-port";

function spec(config: Record<string, unknown> = {}) {
  const own = Object.entries({ target: "local", ...config }).map(([key, value]) => [`inference:${key}`, value]);
  const parsed = parseSettings(Object.fromEntries(own), { project: "inference", stack: "local" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return serviceSpec(parsed.settings);
}

describe("npm start", () => {
  describe("its arguments", () => {
    it("default to a Node process on the replica's port", () =>
      assert.deepEqual(readArguments([], {}), { docker: false, help: false, port: undefined }));

    it("accept --docker and --port", () =>
      assert.deepEqual(readArguments(["--docker", "--port", "9000"], {}), { docker: true, help: false, port: 9000 }));

    for (const [args, message] of [
      [["--port", "0"], /^--port is "0"; expected a number from 1 to 65535$/],
      [["--port", "70000"], /^--port is "70000"; expected a number from 1 to 65535$/],
      [["--gpu"], /^Unknown option '--gpu'.*\n\nnpm start \[-- options\]/],
    ] as const) {
      it(`refuses ${args.join(" ")} with what is expected`, () =>
        assert.throws(
          () => readArguments(args, {}),
          (error) => error instanceof UserError && message.test(error.message),
        ));
    }
  });

  it("refuse an option that npm took for its own, with the right form", () =>
    assert.throws(() => readArguments([], { npm_config_docker: "true" }), {
      message: "npm took --docker for its own option; write: npm start -- --docker",
    }));

  describe("the replica as a process", () => {
    it("gets the environment of the task, its CPU share included", () => {
      const { env } = processReplica(spec({ cpu: 2048, memory: 4096, environment: { EMF: 1 } }), "app", 9000);
      assert.deepEqual([env.CPU_UNITS, env.PORT, env.EMF, env.HOST], ["2048", "9000", "1", "127.0.0.1"]);
    });

    it("gets nothing from the shell that a replica would not have", () => {
      process.env.MAX_IN_FLIGHT = "1";
      try {
        const { env } = processReplica(spec(), "app", 9000);
        assert.equal(env.MAX_IN_FLIGHT, undefined);
        assert.equal(env.PATH, process.env.PATH);
      } finally {
        delete process.env.MAX_IN_FLIGHT;
      }
    });

    it("gets the heap of a container with the task's memory", () => {
      assert.ok(processReplica(spec({ memory: 2048 }), "app", 9000).args.includes("--max-old-space-size=1024"));
      assert.deepEqual([512, 4096, 8192, 16384].map(heapMiB), [256, 2048, 2048, 4096]);
    });
  });

  describe("the replica as a container", () => {
    it("runs under the limits of the task", () => {
      const { args } = containerReplica(spec({ cpu: 512, memory: 1024 }), "inference:local", "inference-1", 9000);
      for (const limit of [
        "--cpus=0.5",
        "--memory=1024m",
        "--memory-swap=1024m",
        "--user=10001:10001",
        "--read-only",
        "--volume=/tmp",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--publish=127.0.0.1:9000:8080",
        "--env=CPU_UNITS=512",
      ]) {
        assert.ok(args.includes(limit), `${limit} is missing from ${args.join(" ")}`);
      }
    });

    it("has a writable root only with exec", () =>
      assert.ok(!containerReplica(spec({ exec: true }), "image", "name", 9000).args.includes("--read-only")));

    it("names credentials without showing them", () => {
      process.env.AWS_SECRET_ACCESS_KEY = "not-to-be-seen";
      try {
        const shown = containerReplica(spec(), "image", "name", 9000).args.join(" ");
        assert.match(shown, /--env=AWS_SECRET_ACCESS_KEY /);
        assert.doesNotMatch(shown, /not-to-be-seen/);
      } finally {
        delete process.env.AWS_SECRET_ACCESS_KEY;
      }
    });
  });

  describe("its port", () => {
    it("is refused in one line with an alternative when it is taken", async () => {
      const port = await freePort();
      const holder = createServer().listen(port, "127.0.0.1");
      try {
        await assert.rejects(assertFree(port), {
          message: `Port ${port} is taken by another program. End it, or choose another: npm start -- --port ${port + 1}`,
        });
      } finally {
        await new Promise((resolve) => holder.close(resolve));
      }
    });

    it("is free again after the check", async () => {
      const port = await freePort();
      await assertFree(port);
      await assertFree(port);
    });
  });

  describe("the service", () => {
    const node = (script: string, port = 0): ReplicaCommand => ({
      program: process.execPath,
      args: ["-e", script],
      env: { ...process.env, PORT: String(port) },
      cwd: process.cwd(),
    });
    const server = `
      const server = require("node:http").createServer((_, answer) => answer.end("ok")).listen(process.env.PORT, "127.0.0.1");
      process.on("SIGTERM", () => process.exit(0));`;

    it("is ready once it answers, and drains at SIGTERM", async () => {
      const port = await freePort();
      const service = new Service(node(server, port));
      await service.untilReady(`http://127.0.0.1:${port}/ready`);
      assert.equal(await service.drain(10), true);
      assert.equal(await service.ended, "exit code 0");
    });

    it("has not drained when it ignores SIGTERM", async () => {
      const port = await freePort();
      const service = new Service(node(server.replace("process.exit(0)", "{}"), port));
      await service.untilReady(`http://127.0.0.1:${port}/ready`);
      assert.equal(await service.drain(0.2), false);
      service.kill();
      assert.equal(await service.ended, "SIGKILL");
    });

    it("reports its last log line when it ends before it is ready", async () => {
      const service = new Service(
        node(`console.log('{"level":60,"msg":"no model in /nowhere"}'); process.exitCode = 1`),
      );
      await assert.rejects(service.untilReady("http://127.0.0.1:9/ready"), {
        message: "The service ended before it was ready: no model in /nowhere",
      });
    });

    it("reports the last line of a log that is not JSON", () => {
      assert.equal(lastLogLine("first\ndocker: no such image\n"), "docker: no such image");
      assert.equal(lastLogLine("\u001b[33mGET / HTTP/1.1\u001b[0m 404\n"), "GET / HTTP/1.1 404");
      assert.equal(lastLogLine(""), "the log is empty");
    });
  });
});
