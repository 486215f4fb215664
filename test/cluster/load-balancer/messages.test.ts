import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, BalancerScene, until } from "../support/balancer-scene";

/** More than Node lets wait by default. */
const burst = 800;

describe("LoadBalancer: connections and messages", function () {
  this.timeout(60_000);
  const scene = new BalancerScene();

  describe("connections", () => {
    it("to targets and of clients are reused", async () => {
      const one = await scene.target("a");
      await scene.serving([one]);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const answers = [];
      for (let index = 0; index < 5; index++) answers.push(await ask(scene.balancer.url, { agent }));
      agent.destroy();
      assert.equal(new Set(one.ports).size, 1);
      assert.deepEqual(new Set(answers.map(({ headers }) => headers.connection)), new Set(["keep-alive"]));
      assert.equal(answers[0]?.headers["keep-alive"], undefined);
    });

    it("of clients wait to be accepted, however many come at once", async () => {
      await scene.start();
      const open = `
        let count = 0;
        const print = () => { console.log(count); process.exit(); };
        const opened = () => { count += 1; if (count === ${burst}) print(); };
        for (let index = 0; index < ${burst}; index++) {
          require("node:net").connect(${new URL(scene.balancer.url).port}, "127.0.0.1", opened).on("error", () => {});
        }
        setTimeout(print, 10_000);`;
      // This process accepts none while the other one runs.
      const opened = execFileSync(process.execPath, ["-e", open], { encoding: "utf8", timeout: 30_000 });
      assert.equal(Number(opened), burst);
    });

    it("of clients close after the idle timeout", async () => {
      scene.api.attributes = { "idle_timeout.timeout_seconds": "1" };
      await scene.start();
      const socket = connect(Number(new URL(scene.balancer.url).port), "127.0.0.1").resume();
      scene.stops.push(() => socket.destroy());
      socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await until("the request is answered", () => scene.balancer.answered.mark() === 1);
      await sleep(100);
      assert.equal(socket.destroyed, false);
      const began = Date.now();
      await until("the connection is closed", () => socket.destroyed);
      assert.ok(Date.now() - began < 4000);
    });

    it("of a target that closes one as it is reused give 502, without a retry", async () => {
      const one = await scene.target("a", (incoming, response) => {
        if (one.requests.length === 1) return response.end("first");
        incoming.socket.destroy();
      });
      await scene.serving([one]);
      assert.equal((await ask(scene.balancer.url)).status, 200);
      assert.equal((await ask(scene.balancer.url)).status, 502);
      assert.equal(one.requests.length, 2);
    });

    it("to a target close after the idle timeout, whatever the target announces", async () => {
      scene.api.attributes = { "idle_timeout.timeout_seconds": "1" };
      const one = await scene.target("a", (_, response) => {
        response.setHeader("keep-alive", "timeout=1");
        response.end("a");
      });
      await scene.serving([one]);
      await scene.names(1);
      await sleep(50);
      await scene.names(1);
      const [first, second] = one.requests.map(({ socket }) => socket);
      assert.equal(first, second);
      await until("it is closed", () => first?.destroyed === true);
    });
  });

  describe("headers", () => {
    const received = async (headers: Record<string, string | string[]>, path = "/") => {
      const one = await scene.target("a");
      await scene.serving([one]);
      await ask(scene.balancer.url + path, { headers });
      return one.requests[0];
    };

    it("tell the target client, protocol, port and trace", async () => {
      const got = await received({ "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" }, "/p?q=1");
      assert.equal(got?.url, "/p?q=1");
      assert.equal(got?.headers["x-forwarded-for"], "203.0.113.7, 127.0.0.1");
      assert.equal(got?.headers["x-forwarded-proto"], "http");
      assert.equal(got?.headers["x-forwarded-port"], "80");
      assert.match(String(got?.headers["x-amzn-trace-id"]), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    });

    it("keep the trace of the client", async () => {
      const got = await received({ "x-amzn-trace-id": "Self=1-1-1;Root=1-2-3;CalledFrom=app" });
      assert.match(
        String(got?.headers["x-amzn-trace-id"]),
        /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-2-3;CalledFrom=app$/,
      );
    });

    it("of a connection stay on it", async () => {
      const got = await received({ connection: "close, x-hop", "x-hop": "1", te: "trailers", "x-kept": "1" });
      const names = ["x-hop", "te", "x-kept", "connection"];
      assert.deepEqual(
        names.map((name) => got?.headers[name]),
        [undefined, undefined, "1", "keep-alive"],
      );
    });

    it("with invalid names are dropped if the load balancer says so", async () => {
      assert.equal((await received({ x_y: "1" }))?.headers.x_y, "1");
      scene.api.attributes = { "routing.http.drop_invalid_header_fields.enabled": "true" };
      const got = await received({ x_y: "1", "x-y": "1" });
      assert.deepEqual([got?.headers.x_y, got?.headers["x-y"]], [undefined, "1"]);
    });

    it("of the answer keep their names and repetitions", async () => {
      const one = await scene.target("a", (_, response) => {
        response
          .writeHead(201, "Made", ["Set-Cookie", "a=1", "Set-Cookie", "b=2", "X-Own", "1", "Keep-Alive", "timeout=9"])
          .end();
      });
      await scene.serving([one]);
      const { status, headers } = await ask(scene.balancer.url);
      assert.deepEqual([status, headers["set-cookie"], headers["x-own"]], [201, ["a=1", "b=2"], "1"]);
      assert.equal(headers["keep-alive"], undefined);
    });
  });

  describe("bodies", () => {
    it("arrive whole, with a length and in chunks", async () => {
      const one = await scene.target("echo", (incoming, response) => void incoming.pipe(response));
      await scene.serving([one]);
      const body = "x".repeat(1_000_000);
      const headers = { "transfer-encoding": "chunked" };
      assert.equal((await ask(scene.balancer.url, { method: "POST", body, headers })).body, body);
      assert.equal(
        (await ask(scene.balancer.url, { method: "POST", body, headers: { "content-length": "1000000" } })).body,
        body,
      );
      const codings = one.requests.map(({ headers }) => [headers["transfer-encoding"], headers["content-length"]]);
      assert.deepEqual(codings, [
        ["chunked", undefined],
        [undefined, "1000000"],
      ]);
      const empty = await ask(scene.balancer.url, { method: "HEAD" });
      assert.deepEqual([empty.status, empty.body], [200, ""]);
    });

    it("a request without a body says so", async () => {
      const one = await scene.target("a");
      await scene.serving([one]);
      await ask(scene.balancer.url);
      const socket = connect(Number(new URL(scene.balancer.url).port), "127.0.0.1").resume();
      scene.stops.push(() => socket.destroy());
      socket.write("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
      await until("both have arrived", () => one.requests.length === 2);
      const got = one.requests.map(({ headers }) => [headers["content-length"], headers["transfer-encoding"]]);
      assert.deepEqual(got, [
        [undefined, undefined],
        ["0", undefined],
      ]);
    });

    it("stream both ways", async () => {
      const one = await scene.target("echo", (incoming, response) => void incoming.pipe(response));
      await scene.serving([one]);
      const chunks: string[] = [];
      const call = request(scene.balancer.url, { method: "POST", agent: false });
      call.on("response", (answer) => answer.on("data", (chunk) => chunks.push(String(chunk))));
      call.write("one");
      await until("the first part comes back", () => chunks.join("") === "one");
      call.end("two");
      await until("the second part comes back", () => chunks.join("") === "onetwo");
    });
  });
});
