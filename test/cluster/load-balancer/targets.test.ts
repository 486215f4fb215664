import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, BalancerScene, quick, until, withAttributes } from "../support/balancer-scene";
import { forwardTo } from "../support/fake-elb-api";

describe("LoadBalancer: targets", function () {
  this.timeout(60_000);
  const scene = new BalancerScene();

  describe("targets of a group", () => {
    it("take turns with round_robin", async () => {
      await scene.serving([await scene.target("a"), await scene.target("b")]);
      const answers = await scene.names(10);
      assert.deepEqual(new Set(answers.slice(0, 2)), new Set(["a", "b"]));
      assert.equal(answers.filter((name) => name === "a").length, 5);
    });

    it("get the next request when they have the fewest, with least_outstanding_requests", async () => {
      const held: (() => void)[] = [];
      const slow = await scene.target("slow", (_, response) => void held.push(() => response.end("slow")));
      await scene.serving(
        [slow, await scene.target("quick")],
        withAttributes({ "load_balancing.algorithm.type": "least_outstanding_requests" }),
      );
      const waiting = Promise.all([ask(scene.balancer.url), ask(scene.balancer.url)]);
      await until("the slow target has a request", () => held.length === 1);
      assert.deepEqual(await scene.names(5), Array(5).fill("quick"));
      held[0]?.();
      await waiting;
    });

    it("keep a client with lb_cookie", async () => {
      const sticky = {
        "stickiness.enabled": "true",
        "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": "60",
      };
      await scene.serving([await scene.target("a"), await scene.target("b")], withAttributes(sticky));
      const first = await ask(scene.balancer.url);
      const [cookie = ""] = first.headers["set-cookie"] ?? [];
      const headers = { cookie: cookie.split(";")[0] ?? "" };
      assert.match(cookie, /^AWSALB=/);
      assert.deepEqual(new Set(await scene.names(6, { headers })), new Set([first.body]));
    });

    it("all get requests when none is healthy", async () => {
      const sick = [await scene.target("a"), await scene.target("b")];
      for (const one of sick) one.health = 500;
      scene.api.groups.blue = quick;
      scene.api.defaultAction = forwardTo({ blue: 1 });
      await scene.start();
      scene.balancer.register(
        "blue",
        sick.map(({ address }) => address),
      );
      await until("both are unhealthy", () => scene.statesOf("blue").every((state) => state === "unhealthy"));
      assert.deepEqual((await scene.names(4)).sort(), ["a", "a", "b", "b"]);
      const [first] = sick;
      if (first) first.health = 200;
      await until("one is healthy", () => scene.statesOf("blue").includes("healthy"));
      assert.deepEqual(await scene.names(4), Array(4).fill("a"));
    });
  });

  describe("health checks", () => {
    it("make a new target healthy after one, and an unhealthy one after the threshold", async () => {
      const one = await scene.target("a");
      await scene.serving([one]);
      assert.equal(one.checks.length, 1);
      assert.equal(one.checks[0]?.url, "/health");
      one.health = 503;
      await until("it is unhealthy", () => scene.statesOf("blue")[0] === "unhealthy");
      const failed = one.checks.length - 1;
      assert.equal(failed, 2);
      const { reason, description } = scene.balancer.healthOf("blue")[0] ?? {};
      assert.deepEqual(
        [reason, description],
        ["Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"],
      );
      one.health = 200;
      await until("it is healthy again", () => scene.statesOf("blue")[0] === "healthy");
      assert.equal(one.checks.length - failed - 1, 3);
    });

    it("pass with the codes of the matcher only", async () => {
      const one = await scene.target("a");
      one.health = 204;
      await scene.serving([one], { ...quick, Matcher: { HttpCode: "200,202-205" } });
      one.health = 206;
      await until("it is unhealthy", () => scene.statesOf("blue")[0] === "unhealthy");
    });

    it("fail without an answer in time, and without a server", async () => {
      const silent = await scene.target("a");
      silent.health = 0;
      const gone = await scene.target("b");
      gone.stop();
      scene.api.groups.blue = { ...quick, HealthCheckTimeoutSeconds: 0.2 };
      scene.api.defaultAction = forwardTo({ blue: 1 });
      await scene.start();
      scene.balancer.register("blue", [silent.address, gone.address]);
      assert.deepEqual(scene.statesOf("blue"), ["initial", "initial"]);
      await until("both are unhealthy", () => scene.statesOf("blue").every((state) => state === "unhealthy"));
      const reasons = scene.balancer.healthOf("blue").map(({ reason }) => reason);
      assert.deepEqual(reasons, ["Target.Timeout", "Target.FailedHealthChecks"]);
    });

    it("begin when a rule uses the group", async () => {
      const one = await scene.target("a");
      scene.api.groups.blue = quick;
      await scene.start();
      scene.balancer.register("blue", [one.address]);
      await sleep(100);
      assert.deepEqual([scene.statesOf("blue"), one.checks.length], [["unused"], 0]);
      scene.api.defaultAction = forwardTo({ blue: 1 });
      scene.balancer.changed();
      await scene.healthy("blue");
    });

    it("go to the port of the group", async () => {
      const [one, other] = [await scene.target("a"), await scene.target("b")];
      const port = other.address.port;
      await scene.serving([one], { ...quick, HealthCheckPort: String(one.address.port) });
      scene.balancer.register("blue", [{ ip: one.address.ip, port }]);
      await scene.healthy("blue");
      assert.equal(scene.statesOf("blue").length, 2);
    });
  });

  describe("deregistered targets", () => {
    it("get no new request, finish the open ones, and go after the delay", async () => {
      const held: (() => void)[] = [];
      const leaving = await scene.target("leaving", (_, response) => void held.push(() => response.end("leaving")));
      // On a busy machine the requests below take more than a second.
      await scene.serving([leaving], withAttributes({ "deregistration_delay.timeout_seconds": "4" }));
      const open = ask(scene.balancer.url);
      await until("the request is open", () => held.length === 1);
      scene.balancer.register("blue", [(await scene.target("staying")).address]);
      await until("both are healthy", () => scene.statesOf("blue").filter((state) => state === "healthy").length === 2);
      scene.balancer.deregister("blue", [leaving.address]);
      assert.deepEqual(scene.statesOf("blue"), ["healthy", "draining"]);
      assert.deepEqual(await scene.names(4), Array(4).fill("staying"));
      held[0]?.();
      assert.deepEqual((await open).body, "leaving");
      // As on AWS, it counts as draining until the delay is over.
      assert.deepEqual(scene.statesOf("blue"), ["healthy", "draining"]);
      await until("it is gone", () => scene.statesOf("blue").length === 1);
    });

    it("have their open requests cut when the delay is over, not before", async () => {
      const stuck = await scene.target("stuck", () => {});
      await scene.serving([stuck]);
      const began = Date.now();
      const open = ask(scene.balancer.url);
      await until("the request is open", () => stuck.requests.length === 1);
      scene.balancer.deregister("blue", [stuck.address]);
      assert.equal((await ask(scene.balancer.url)).status, 503);
      assert.equal((await open).status, 502);
      assert.ok(Date.now() - began >= 1000);
      assert.match(scene.balancer.answered.failuresSince()[1]?.reason ?? "", /deregistration delay/);
    });

    it("have an answer cut that has begun", async () => {
      const one = await scene.target("a", (_, response) => response.write("begun"));
      await scene.serving([one]);
      const open = ask(scene.balancer.url);
      await until("the request is open", () => one.requests.length === 1);
      scene.balancer.deregister("blue", [one.address]);
      await assert.rejects(open, /aborted|ECONNRESET/);
      await until("it is logged", () => scene.balancer.answered.mark() === 1);
      assert.deepEqual(scene.balancer.answered.counts(), { a: { cut: 1 } });
    });

    it("start anew when they are registered again", async () => {
      const one = await scene.target("a");
      await scene.serving([one]);
      scene.balancer.deregister("blue", [one.address]);
      scene.balancer.register("blue", [one.address]);
      assert.deepEqual(scene.statesOf("blue"), ["initial"]);
      await scene.healthy("blue");
      await sleep(1100);
      assert.deepEqual(scene.statesOf("blue"), ["healthy"]);
      assert.equal((await ask(scene.balancer.url)).status, 200);
    });
  });
});
