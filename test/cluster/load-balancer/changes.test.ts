import assert from "node:assert/strict";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, BalancerScene, until } from "../support/balancer-scene";
import { fixed } from "../support/fake-elb-api";

describe("LoadBalancer: changes", function () {
  this.timeout(60_000);
  const scene = new BalancerScene();

  describe("changed", () => {
    it("applies a change within 100 ms, also one made during a read", async () => {
      await scene.start();
      const times: number[] = [];
      for (const text of "abcdefghij") {
        let began = 0;
        scene.api.rulesRead = () => {
          if (began > 0) return;
          began = Date.now();
          scene.api.defaultAction = fixed(200, text);
          scene.balancer.changed();
        };
        scene.balancer.changed();
        await until("the change is made", () => began > 0);
        while ((await ask(scene.balancer.url)).body !== text) assert.ok(Date.now() - began < 5000);
        times.push(Date.now() - began);
      }
      // The best of ten: other processes may take the CPU.
      assert.ok(Math.min(...times) < 100, `${times} ms`);
    });

    it("keeps the last configuration when a read fails, and reads again", async () => {
      await scene.start();
      const { error } = console;
      const printed: string[] = [];
      console.error = (text: string) => void printed.push(text);
      scene.stops.push(() => {
        console.error = error;
      });
      scene.api.failing = true;
      scene.api.defaultAction = fixed(200, "new");
      scene.balancer.changed();
      await until("the error is printed", () => printed.length > 0);
      assert.equal((await ask(scene.balancer.url)).body, "nothing here");
      scene.api.failing = false;
      await until("it reads again", async () => (await ask(scene.balancer.url)).body === "new");
      assert.match(printed.join(), /could not read its configuration and keeps the last one: Error: out of order/);
      assert.equal(printed.length, 1);
    });

    it("reads nothing while nothing changes", async () => {
      await scene.serving([await scene.target("a")]);
      await sleep(50);
      const { calls } = scene.api;
      await scene.names(5);
      await sleep(200);
      assert.equal(scene.api.calls, calls);
    });

    it("reads many changes at once only as often as needed", async () => {
      await scene.start();
      scene.api.delayMs = 5;
      const perRead = scene.api.calls;
      for (let index = 0; index < 20; index++) scene.balancer.changed();
      await until("it was read twice", () => scene.api.calls >= 3 * perRead);
      await sleep(50);
      assert.equal(scene.api.calls - perRead, 2 * perRead);
    });

    it("cuts the requests of a deleted group", async () => {
      const stuck = await scene.target("stuck", () => {});
      await scene.serving([stuck]);
      const open = ask(scene.balancer.url);
      await until("the request is open", () => stuck.requests.length === 1);
      scene.api.groups = {};
      scene.api.defaultAction = fixed(404);
      scene.balancer.changed();
      assert.equal((await open).status, 502);
      assert.deepEqual(scene.balancer.healthOf("blue"), []);
    });
  });

  it("AccessLog: counts by version and status since a mark", async () => {
    await scene.serving([await scene.target("a")]);
    await scene.names(2);
    const mark = scene.balancer.answered.mark();
    await scene.names(3);
    assert.deepEqual(
      [scene.balancer.answered.counts(), scene.balancer.answered.counts(mark)],
      [{ a: { 200: 5 } }, { a: { 200: 3 } }],
    );
    const [entry] = scene.balancer.answered.since(mark);
    assert.deepEqual([entry?.group, entry?.version, entry?.reason], ["blue", "a", undefined]);
    assert.ok(entry && entry.ms > 0 && Math.abs(entry.atMs - Date.now()) < 5000);
  });

  it("stop: ends open requests and health checks", async () => {
    const stuck = await scene.target("stuck", () => {});
    await scene.serving([stuck]);
    const socket = connect(Number(new URL(scene.balancer.url).port), "127.0.0.1");
    socket.resume().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await sleep(20);
    await scene.balancer.stop();
    await until("the connection is closed", () => socket.destroyed);
    socket.destroy();
    const checks = stuck.checks.length;
    await sleep(200);
    assert.equal(stuck.checks.length, checks);
  });
});
