import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { presets } from "../../../../components/core/presets";
import type { ContainerState, DockerCli } from "../../../../components/local-service/docker-cli";
import { untilReady } from "../../../../components/local-service/readiness";
import { freePort } from "../../../support/free-port";

const running: ContainerState = {
  Status: "running",
  Running: true,
  ExitCode: 0,
  OOMKilled: false,
  Error: "",
  // After the start of each update, whenever the whole tier gets here.
  StartedAt: "2999-01-01T00:00:00Z",
};
const ended = (own: Partial<ContainerState>): ContainerState => ({
  ...running,
  Status: "exited",
  Running: false,
  ...own,
});
const openOn5000 = "   0: 00000000:1388 00000000:0000 0A 0";
const log = "2026-11-29T10:00:00.2Z second\n2026-11-29T10:00:00.1Z first\n";

interface FakeDocker {
  readonly docker: DockerCli;
  readonly calls: string[];
}

/** Answers each inspection with the next state, and repeats the last. */
function fakeDocker(...states: ContainerState[]): FakeDocker {
  const calls: string[] = [];
  const answers: Record<string, () => string> = {
    inspect: () => JSON.stringify(states.length > 1 ? states.shift() : states[0]),
    exec: () => openOn5000,
    logs: () => log,
    start: () => "",
  };
  const docker: DockerCli = async ([command = ""]) => {
    calls.push(command);
    return answers[command]?.() ?? "";
  };
  return { docker, calls };
}

const noDocker: DockerCli = () => Promise.reject(new Error("there is no docker command on PATH"));

describe("untilReady of LocalService", () => {
  let server: Server;
  let port: number;
  const answers: number[] = [];
  before(async () => {
    port = await freePort();
    server = createServer((_, response) => {
      response.statusCode = (answers.length > 1 ? answers.shift() : answers[0]) ?? 500;
      response.setHeader("location", "/elsewhere");
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  });
  after(() => server.close());

  async function wait(docker: DockerCli, statuses: readonly number[], url = `http://127.0.0.1:${port}`) {
    answers.splice(0, Infinity, ...statuses);
    const reports: string[] = [];
    let seconds = 0;
    const polling = {
      report: (text: string) => reports.push(text.replaceAll(String(port), "PORT")),
      now: () => seconds,
      wait: async (more: number) => {
        seconds += more;
      },
    };
    const spec = { port: 8080, paths: { readiness: "/ready" }, startSeconds: 3, memoryMiB: 512 };
    const failure = await untilReady(
      { id: "0123456789ab".padEnd(64, "0"), variant: "local", url, spec },
      docker,
      polling,
    ).catch((error: Error) => error.message.replaceAll(String(port), "PORT"));
    return { reports, failure };
  }

  it("resolves at the first 200, and reports the answers before it", async () => {
    const { reports, failure } = await wait(noDocker, [503, 503, 200]);
    assert.equal(failure, undefined);
    assert.deepEqual(reports, ["local: GET http://127.0.0.1:PORT/ready answered 503, and 200 is expected"]);
  });

  it("follows no redirect, as the load balancer does not", async () => {
    const { failure } = await wait(noDocker, [307]);
    assert.match(String(failure), /not ready after 3 s: GET \S+ answered 307, and 200 is expected/);
  });

  it("fails at once when the container has ended, with its state and its last log lines in order", async () => {
    const { failure } = await wait(fakeDocker(ended({ ExitCode: 3 })).docker, [503]);
    assert.equal(
      failure,
      [
        "local ended before http://127.0.0.1:PORT/ready answered",
        "  container 0123456789ab: exited with code 3",
        "  log: first",
        "  log: second",
        "Fix the cause and run `pulumi up`, which starts the container again.",
      ].join("\n"),
    );
  });

  it("says that memory was not enough", async () => {
    const { failure } = await wait(fakeDocker(ended({ ExitCode: 137, OOMKilled: true })).docker, [503]);
    assert.match(String(failure), /exited with code 137: the kernel killed it, because 512 MiB were not enough/);
  });

  it("names the port that the server listens on, with the presets of that port", async () => {
    assert.equal(presets.flask.port, 5000);
    const { reports, failure } = await wait(fakeDocker(running).docker, [], "http://127.0.0.1:9");
    const found = "listens on 5000, not on 8080: set container.port: 5000, or container.preset (flask)";
    assert.deepEqual(reports, [`local: GET http://127.0.0.1:9/ready was not answered; the container ${found}`]);
    assert.match(String(failure), /container 0123456789ab: running\n {2}it listens on 5000, not on 8080/);
  });

  it("takes a connection that is reset at once for no answer, and asks again", async () => {
    const resetting = createTcpServer((socket) => socket.resetAndDestroy());
    const other = await freePort();
    await new Promise<void>((resolve) => resetting.listen(other, "127.0.0.1", resolve));
    const { failure } = await wait(noDocker, [], `http://127.0.0.1:${other}`);
    resetting.close();
    assert.match(String(failure), /not ready after 3 s: GET \S+ was not answered/);
  });

  it("starts a container again that ended before this update", async () => {
    const { docker, calls } = fakeDocker(ended({ StartedAt: "2026-01-01T00:00:00Z" }), running);
    const { reports, failure } = await wait(docker, [200]);
    assert.equal(failure, undefined);
    assert.deepEqual(calls, ["inspect", "start"]);
    assert.deepEqual(reports, ["local: starting container 0123456789ab again, which had ended"]);
  });

  it("starts no container again that ended during this update", async () => {
    const { docker, calls } = fakeDocker(ended({ ExitCode: 1 }));
    await wait(docker, [503]);
    assert.ok(!calls.includes("start"), calls.join(" "));
  });

  it("fails without the docker command, too, and says why it knows no more", async () => {
    const { failure } = await wait(noDocker, [503]);
    assert.match(String(failure), /its state and its log are not known: there is no docker command on PATH/);
  });
});
