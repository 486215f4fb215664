import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, BalancerScene, quick, until } from "../support/balancer-scene";
import { forwardTo } from "../support/fake-elb-api";
import type { TargetAddress } from "../support/load-balancer";

/** A server that is stopped with a full queue of connections: the system answers no further one. */
async function withFullBacklog(): Promise<[TargetAddress, () => void]> {
  const script = `const server = require("node:net").createServer().listen(0, "127.0.0.1", 1, () => console.log(server.address().port))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [text] = await once(child.stdout, "data");
  const port = Number(text);
  child.kill("SIGSTOP");
  const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  await sleep(200);
  const release = () => {
    for (const socket of fillers) socket.destroy();
    child.kill("SIGKILL");
  };
  return [{ ip: "127.0.0.1", port }, release];
}

describe("LoadBalancer: failures", function () {
  this.timeout(60_000);
  const scene = new BalancerScene();

  describe("failures", () => {
    /** A target that answers requests with these bytes and then closes. Its health check fails, so it gets requests as the only one. */
    const raw = async (bytes: string | undefined) => {
      const server = createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => (bytes === undefined ? socket.resetAndDestroy() : socket.end(bytes)));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      scene.stops.push(() => server.close());
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("no port");
      scene.api.groups.blue = quick;
      scene.api.defaultAction = forwardTo({ blue: 1 });
      await scene.start();
      scene.balancer.register("blue", [{ ip: "127.0.0.1", port: address.port }]);
    };

    it("503 without a load balancer, and without a target", async () => {
      scene.api.present = false;
      await scene.start();
      assert.equal((await ask(scene.balancer.url)).status, 503);
      scene.api.present = true;
      scene.api.groups.blue = quick;
      scene.api.defaultAction = forwardTo({ blue: 1 });
      scene.balancer.changed();
      await until("it has a listener", async () => {
        const { status, headers } = await ask(scene.balancer.url);
        assert.deepEqual([status, headers.server], [503, "awselb/2.0"]);
        return scene.balancer.answered.since().at(-1)?.reason !== "there is no HTTP listener";
      });
      assert.equal(scene.balancer.answered.since().at(-1)?.reason, "the target group has no registered targets");
    });

    it("502 when the target refuses, resets, or answers no HTTP", async () => {
      const gone = await scene.target("gone");
      await scene.serving([gone]);
      gone.stop();
      assert.equal((await ask(scene.balancer.url)).status, 502);
      await raw(undefined);
      assert.equal((await ask(scene.balancer.url)).status, 502);
      await raw("HTTP/1.1 what?\r\n\r\n");
      assert.equal((await ask(scene.balancer.url)).status, 502);
    });

    it("an answer that breaks off breaks off for the client, too", async () => {
      await raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort");
      await assert.rejects(ask(scene.balancer.url), /aborted|ECONNRESET/);
      await until("it is logged", () => scene.balancer.answered.mark() === 1);
      assert.match(scene.balancer.answered.failuresSince()[0]?.reason ?? "", /broke off/);
      assert.deepEqual(scene.balancer.answered.counts(), { none: { cut: 1 } });
    });

    it("504 when the target sends nothing for the idle timeout", async () => {
      scene.api.attributes = { "idle_timeout.timeout_seconds": "0.1" };
      await scene.serving([await scene.target("silent", () => {})]);
      assert.equal((await ask(scene.balancer.url)).status, 504);
      const [{ ms = 0 } = {}] = scene.balancer.answered.since();
      assert.ok(ms >= 100 && ms < 5000, `${ms} ms`);
    });

    it("408 when the client sends nothing for the idle timeout", async () => {
      scene.api.attributes = { "idle_timeout.timeout_seconds": "0.1" };
      await scene.serving([await scene.target("waiting", (incoming, response) => void incoming.pipe(response))]);
      const call = request(scene.balancer.url, { method: "POST", agent: false });
      call.on("error", () => {}).flushHeaders();
      await until("it is logged", () => scene.balancer.answered.mark() === 1);
      call.destroy();
      assert.deepEqual(scene.balancer.answered.counts(), { waiting: { 408: 1 } });
    });

    it("504 when the target does not accept a connection within 10 s", async () => {
      scene.api.groups.blue = quick;
      scene.api.defaultAction = forwardTo({ blue: 1 });
      const [address, release] = await withFullBacklog();
      scene.stops.push(release);
      await scene.start();
      scene.balancer.register("blue", [address]);
      assert.equal((await ask(scene.balancer.url)).status, 504);
      const [{ ms = 0, reason = "" } = {}] = scene.balancer.answered.since();
      assert.ok(ms >= 10_000 && ms < 20_000, `${ms} ms`);
      assert.match(reason, /no connection/);
    });

    it("none when the target answers before it has read the body", async () => {
      await raw("HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbig!");
      const answer = await ask(scene.balancer.url, { method: "POST", body: "x".repeat(5_000_000) });
      assert.deepEqual([answer.status, answer.body], [413, "big!"]);
    });

    it("460 when the client leaves, and the target learns it", async () => {
      let left = false;
      const waiting = await scene.target("waiting", (_, response) =>
        response.on("close", () => {
          left = true;
        }),
      );
      await scene.serving([waiting]);
      const leaving = new AbortController();
      const open = ask(scene.balancer.url, { signal: leaving.signal });
      await until("the request is open", () => waiting.requests.length === 1);
      leaving.abort();
      await assert.rejects(open);
      await until("the target learns it", () => left);
      assert.deepEqual(scene.balancer.answered.counts(), { waiting: { 460: 1 } });
    });
  });
});
