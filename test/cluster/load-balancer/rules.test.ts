import assert from "node:assert/strict";
import { type Asked, ask, BalancerScene, quick, until, withAttributes } from "../support/balancer-scene";
import { type FakeElbApi, fixed, forwardTo, onHeader, onHost, onMethod, onPath } from "../support/fake-elb-api";
import { LoadBalancer } from "../support/load-balancer";

describe("LoadBalancer: rules and weights", function () {
  this.timeout(60_000);
  const scene = new BalancerScene();

  describe("rules", () => {
    const rule = (priority: number, ...conditions: FakeElbApi["rules"][number]["conditions"][number][]) => ({
      priority,
      conditions,
      action: fixed(200, `rule ${priority}`),
    });

    it("match by path, host, header and method, by priority", async () => {
      scene.api.rules = [
        rule(40, onPath("/v?/*")),
        rule(10, onHeader("X-Variant", "ecs", "eks-*")),
        rule(30, onMethod("PUT")),
        rule(20, onHost("*.example.com"), onPath("/only")),
      ];
      await scene.start();
      const cases: [string, Asked, string][] = [
        ["/v2/models", {}, "rule 40"],
        ["/V2/models", {}, "nothing here"],
        ["/v22/models", {}, "nothing here"],
        ["/v2/models?x=1", { headers: { "x-variant": "ECS" } }, "rule 10"],
        ["/", { headers: { "x-variant": "eks-blue" } }, "rule 10"],
        ["/", { headers: { "x-variant": "eks" } }, "nothing here"],
        ["/v2/models", { method: "PUT" }, "rule 30"],
        ["/only", { headers: { host: "A.Example.com:80" } }, "rule 20"],
        ["/only", { headers: { host: "example.com" } }, "nothing here"],
        ["/other", { headers: { host: "a.example.com" } }, "nothing here"],
      ];
      for (const [path, options, expected] of cases) {
        assert.equal(
          (await ask(scene.balancer.url + path, options)).body,
          expected,
          `${path} ${JSON.stringify(options)}`,
        );
      }
    });

    it("answer with fixed responses and redirects", async () => {
      const RedirectConfig = { Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_301" } as const;
      scene.api.rules = [{ priority: 1, conditions: [onPath("/r/*")], action: { Type: "redirect", RedirectConfig } }];
      scene.api.defaultAction = fixed(418, "tea");
      await scene.start();
      const answer = await ask(scene.balancer.url);
      assert.deepEqual([answer.status, answer.body], [418, "tea"]);
      assert.equal(answer.headers["content-type"], "text/plain; charset=utf-8");
      const moved = await ask(`${scene.balancer.url}/r/a?b=c`, { headers: { host: "a.example" } });
      assert.deepEqual([moved.status, moved.headers.location], [301, "https://a.example:443/r/a?b=c"]);
      assert.deepEqual(scene.balancer.answered.counts(), { none: { 301: 1, 418: 1 } });
      assert.deepEqual(scene.balancer.answered.failuresSince(), []);
    });

    it("refuse what they cannot serve, by name", async () => {
      scene.api.rules = [rule(1, { Field: "source-ip" })];
      const refused = (what: RegExp) => assert.rejects(LoadBalancer.start(scene.api.client), what);
      await refused(/the condition "source-ip"/);
      scene.api.rules = [];
      scene.api.defaultAction = { Type: "authenticate-oidc" };
      await refused(/the actions "authenticate-oidc"/);
      scene.api.defaultAction = fixed(404);
      scene.api.groups.blue = withAttributes({ "slow_start.duration_seconds": "30" });
      await refused(/slow start/);
    });
  });

  describe("weights", () => {
    it("divide the requests between groups, none for weight 0", async () => {
      for (const name of ["blue", "green", "red"]) scene.api.groups[name] = quick;
      scene.api.defaultAction = forwardTo({ blue: 90, green: 10, red: 0 });
      await scene.start();
      for (const name of ["blue", "green", "red"]) scene.balancer.register(name, [(await scene.target(name)).address]);
      for (const name of ["blue", "green", "red"]) await scene.healthy(name);
      await scene.names(100);
      assert.deepEqual(scene.balancer.answered.counts(), { blue: { 200: 90 }, green: { 200: 10 } });
      scene.api.defaultAction = forwardTo({ blue: 0, green: 1, red: 0 });
      scene.balancer.changed();
      const isGreen = async () => (await scene.names(10)).every((name) => name === "green");
      await until("the new weights apply", isGreen);
      assert.ok(await isGreen());
    });

    it("answer 503 when all are 0", async () => {
      scene.api.groups.blue = quick;
      scene.api.defaultAction = forwardTo({ blue: 0 });
      await scene.start();
      scene.balancer.register("blue", [(await scene.target("blue")).address]);
      await scene.healthy("blue");
      assert.equal((await ask(scene.balancer.url)).status, 503);
    });

    it("do not move requests away from a group without targets", async () => {
      scene.api.groups = { blue: quick, green: quick };
      scene.api.defaultAction = forwardTo({ blue: 1, green: 1 });
      await scene.start();
      scene.balancer.register("blue", [(await scene.target("blue")).address]);
      await scene.healthy("blue");
      await scene.names(10);
      assert.deepEqual(scene.balancer.answered.counts(), { blue: { 200: 5 }, none: { 503: 5 } });
    });
  });
});
