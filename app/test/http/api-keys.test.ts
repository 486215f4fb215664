import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { readEnv } from "../../src/env";
import { parseApiKeys } from "../../src/http/api-keys";
import { FakeModel, listen, serverOf } from "../support/fake-model";

const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");
const keys = { mobile: "key of the app", "mobile-next": "its next key" };
const listed = JSON.stringify(Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, hashOf(key)])));
const prefix = "/models/cats";

describe("A server with API keys", () => {
  let app: FastifyInstance;
  let model: FakeModel;
  let logged: string[];
  let base: string;

  before(async () => {
    model = new FakeModel();
    logged = [];
    const log = pino({ level: "debug" }, { write: (line: string) => logged.push(line) });
    ({ app } = serverOf(model, { log, pathPrefix: prefix, apiKeys: parseApiKeys(listed) }));
    base = `http://127.0.0.1:${await listen(app)}`;
  });
  after(() => app.close());
  beforeEach(() => {
    logged.length = 0;
  });

  const predict = (headers: Record<string, string>) =>
    fetch(`${base}/predict`, { method: "POST", body: "picture", headers: { "content-type": "image/png", ...headers } });

  it("answers callers with a valid key, and logs its name", async () => {
    for (const [name, key] of Object.entries(keys)) {
      const answer = await predict({ "x-api-key": key });
      assert.equal(answer.status, 200);
      await answer.text();
      // The line comes once the answer has left, which its reader may see first.
      while (!logged.join("").includes(`"api_key":"${name}"`)) await setImmediate();
      assert.ok(!logged.join("").includes(key), "no key in the log");
    }
  });

  it("refuses all other callers before the model runs", async () => {
    const seen = model.seen.length;
    const wrong: Record<string, string>[] = [
      {},
      { "x-api-key": "" },
      { "x-api-key": "a guess" },
      { "x-api-key": hashOf(keys.mobile) },
    ];
    for (const headers of wrong) {
      const answer = await predict(headers);
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get("www-authenticate"), "ApiKey");
      assert.equal(((await answer.json()) as { code: string }).code, "no_key");
    }
    assert.equal(model.seen.length, seen);
    assert.ok(!logged.join("").includes("a guess"), "nor in the log what was shown");
  });

  it("asks for one on every path but those of the platform, under the prefix too", async () => {
    const status = async (path: string) => (await fetch(base + path)).status;
    for (const path of ["/", "/version", "/predict", "/nothing", "/%6Detrics/x", "//version"]) {
      assert.equal(await status(path), 401, path);
      assert.equal(await status(prefix + path), 401, prefix + path);
    }
    for (const path of ["/health", "/ready", "/ping", "/metrics"]) {
      assert.equal(await status(path), 200, path);
      assert.equal(await status(prefix + path), 200, prefix + path);
    }
    assert.equal(await status("/%6Detrics"), 404);
  });
});

describe("API_KEYS", () => {
  it("is a hash for each name", () => assert.deepEqual([...(parseApiKeys(listed)?.keys() ?? [])], Object.keys(keys)));

  it("asks for no key when it is not there", () => assert.equal(readEnv({}).apiKeys, undefined));

  for (const wrong of ["", "{}", "[]", "null", "hunter2", '{"a":"hunter2"}', `{"":"${hashOf("x")}"}`, '{"a":{}}']) {
    it(`stops the start when it is ${wrong || "empty"}, and shows no part of it`, () =>
      assert.throws(
        () => readEnv({ API_KEYS: wrong }),
        (error: Error) =>
          /API_KEYS is invalid; expected JSON such as/.test(error.message) && !/hunter2/.test(error.message),
      ));
  }
});
