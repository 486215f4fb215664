import assert from "node:assert/strict";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import type { Admission } from "../../src/http/admission";
import { FakeModel, listen, serverOf } from "../support/fake-model";

const prefix = "/models/cats";
const paths = ["/health", "/ready", "/ping"];

describe("probes", () => {
  let app: FastifyInstance;
  let admission: Admission;
  let model: FakeModel;
  let logged: string[];
  let base: string;

  beforeEach(async () => {
    model = new FakeModel();
    logged = [];
    const log = pino({ level: "debug" }, { write: (line: string) => logged.push(line) });
    ({ app, admission } = serverOf(model, { pathPrefix: prefix, log }));
    base = `http://127.0.0.1:${await listen(app)}`;
    logged.length = 0;
  });
  afterEach(() => app.close());

  const ask = (path: string, options: RequestInit = {}) => fetch(base + path, options);
  const statuses = () => Promise.all(paths.map(async (path) => (await ask(path)).status));

  it("hear that the process is alive while the model loads, and that it is ready only after", async () => {
    model.ready = false;
    assert.deepEqual(await statuses(), [200, 503, 503]);
    assert.equal(((await (await ask("/ready")).json()) as { code: string }).code, "not_ready");
    model.ready = true;
    assert.deepEqual(await statuses(), [200, 200, 200]);
    assert.equal(model.seen.length, 0, "no probe runs the model");
  });

  it("hear that a replica whose workers keep failing wants no traffic, though it answers what comes", async () => {
    model.isSteady = false;
    assert.deepEqual(await statuses(), [200, 503, 503]);
    assert.equal(((await (await ask("/ready")).json()) as { code: string }).code, "unsteady");
    const headers = { "content-type": "image/png" };
    assert.equal((await ask("/predict", { method: "POST", body: "picture", headers })).status, 200);
    model.isSteady = true;
    assert.deepEqual(await statuses(), [200, 200, 200]);
  });

  it("keep an unsteady pod Ready for the kubelet, so that it stays in the target group, and refuse it otherwise", async () => {
    const statusFor = async (userAgent: string) =>
      (await ask("/ready", { headers: { "user-agent": userAgent } })).status;
    model.isSteady = false;
    assert.equal(await statusFor("ELB-HealthChecker/2.0"), 503);
    assert.equal(await statusFor("kube-probe/1.33"), 200);
    model.ready = false;
    assert.equal(await statusFor("kube-probe/1.33"), 503, "a pod that loads its model is not Ready");
    model.ready = true;
    admission.leaving = true;
    assert.equal(await statusFor("kube-probe/1.33"), 503, "a pod that shuts down is not Ready");
  });

  it("hear that a replica that is shutting down is alive and wants no traffic, on a connection that then closes", async () => {
    admission.leaving = true;
    assert.deepEqual(await statuses(), [200, 503, 503]);
    const refused = await ask("/ready", { headers: { "x-request-id": "probe-1" } });
    assert.equal(refused.headers.get("retry-after"), "1");
    assert.deepEqual(await refused.json(), {
      error: "this replica is shutting down; retry on another",
      code: "draining",
      request_id: "probe-1",
    });
    for (const path of paths) assert.equal((await ask(path)).headers.get("connection"), "close");
  });

  it("get JSON that names the model, and nothing when they ask for the head alone", async () => {
    const whole = await ask("/health");
    assert.equal(whole.headers.get("content-type"), "application/json; charset=utf-8");
    assert.deepEqual(await whole.json(), { status: "healthy", model: "fake" });
    const head = await ask("/health", { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "35", ""]);
  });

  it("may ask under the prefix and with a query, but only with GET and HEAD", async () => {
    for (const path of paths) {
      assert.equal((await ask(`${prefix}${path}?from=elsewhere`)).status, 200);
      assert.equal((await ask(path, { method: "POST", body: "x" })).status, 404);
    }
  });

  it("get their id back, or a new one when it is unfit for a log line", async () => {
    const idOf = async (given: string) =>
      (await ask("/health", { headers: { "x-request-id": given } })).headers.get("x-request-id");
    assert.equal(await idOf("Root=1-67891233-abcdef"), "Root=1-67891233-abcdef");
    assert.match(String(await idOf("a b")), /^[0-9a-f-]{36}$/);
  });

  it("leave a line in the log when they are refused, and otherwise only at debug", async () => {
    model.ready = false;
    for (const path of paths) await ask(path, { headers: { "x-request-id": "probe-2" } });
    assert.deepEqual(
      logged
        .map((line) => JSON.parse(line))
        .map(({ level, request_id, path, status }) => [level, request_id, path, status]),
      [
        [pino.levels.values.debug, "probe-2", "/health", 200],
        [pino.levels.values.info, "probe-2", "/ready", 503],
        [pino.levels.values.info, "probe-2", "/ping", 503],
      ],
    );
  });
});
