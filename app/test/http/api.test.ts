import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { errors } from "../../src/errors";
import { FakeModel, serverOf } from "../support/fake-model";
import { form } from "../support/form";

const photo = Buffer.from("pretend this is a photo");
const raw = { headers: { "content-type": "image/jpeg" }, payload: photo };

function twoFiles() {
  const { headers, payload } = form("file", photo);
  const [, boundary = ""] = /boundary=(.*)/.exec(headers["content-type"]) ?? [];
  const first = payload.subarray(0, payload.lastIndexOf(`--${boundary}--`));
  return { headers, payload: Buffer.concat([first, payload]) };
}

describe("POST /predict", () => {
  for (const field of ["file", "image"]) {
    it(`takes the multipart field ${field}`, async () => {
      const model = new FakeModel();
      const response = await serverOf(model).app.inject({ method: "POST", url: "/predict", ...form(field, photo) });
      assert.equal(response.statusCode, 200);
      assert.deepEqual(model.seen, [photo]);
    });
  }

  for (const type of ["image/jpeg", "image/webp", "application/x-image"]) {
    it(`takes a raw body of type ${type}`, async () => {
      const model = new FakeModel();
      const response = await serverOf(model).app.inject({
        method: "POST",
        url: "/predict",
        headers: { "content-type": type },
        payload: photo,
      });
      assert.equal(response.statusCode, 200);
      assert.deepEqual(model.seen, [photo]);
    });
  }

  it("takes base64 in JSON", async () => {
    const model = new FakeModel();
    const payload = { image: photo.toString("base64") };
    const response = await serverOf(model).app.inject({ method: "POST", url: "/predict", payload });
    assert.equal(response.statusCode, 200);
    assert.deepEqual(model.seen, [photo]);
  });

  it("answers the predictions, the latency and the model", async () => {
    const response = await serverOf(new FakeModel()).app.inject({ method: "POST", url: "/predict", ...raw });
    const { latency_seconds, ...rest } = response.json();
    assert.equal(typeof latency_seconds, "number");
    assert.deepEqual(rest, {
      predictions: [
        { class: "cat", class_id: 2, confidence: 0.7 },
        { class: "dog", class_id: 0, confidence: 0.2 },
        { class: "hen", class_id: 1, confidence: 0.1 },
      ],
      model: "fake",
      model_version: "1.2",
    });
  });

  it("answers as many classes as ?top asks for", async () => {
    const response = await serverOf(new FakeModel()).app.inject({ method: "POST", url: "/predict?top=2", ...raw });
    assert.equal(response.json().predictions.length, 2);
  });

  it("answers five classes when ?top is not there, or all that a model with fewer has", async () => {
    const model = new FakeModel();
    const { app } = serverOf(model);
    for (const classes of [1000, 3]) {
      model.classes = classes;
      await app.inject({ method: "POST", url: "/predict", ...raw });
    }
    assert.deepEqual(model.tops, [5, 3]);
  });

  it("answers the latency in seconds", async () => {
    const model = new FakeModel();
    model.answer = () => sleep(50);
    const { app } = serverOf(model);
    await app.ready();
    const asked = performance.now();
    const response = await app.inject({ method: "POST", url: "/predict", ...raw });
    const elapsedSeconds = (performance.now() - asked) / 1000;
    const { latency_seconds } = response.json();
    // A timer may fire a millisecond early, and the answer is rounded to one.
    assert.ok(latency_seconds >= 0.048 && latency_seconds <= elapsedSeconds + 0.001, `${latency_seconds} s`);
  });

  for (const top of ["0", "4", "-1", "1.5", "x", "", "1&top=2"]) {
    it(`refuses ?top=${top} of a model with three classes`, async () => {
      const response = await serverOf(new FakeModel()).app.inject({
        method: "POST",
        url: `/predict?top=${top}`,
        ...raw,
      });
      assert.equal(response.statusCode, 400);
      assert.match(response.json().error, /^top is .*; expected a whole number from 1 to 3$/);
    });
  }

  it("refuses a body beyond the limit with 413, whichever way it comes", async () => {
    const { app } = serverOf(new FakeModel());
    const large = Buffer.alloc(65 * 1024);
    const bodies = [{ ...raw, payload: large }, form("file", large), { payload: { image: large.toString("base64") } }];
    for (const body of bodies) {
      const response = await app.inject({ method: "POST", url: "/predict", ...body });
      assert.equal(response.statusCode, 413);
      assert.equal(response.json().code, "too_large");
      assert.match(response.json().error, /larger than 0.0625 MiB \(BODY_LIMIT_MIB\)/);
    }
  });

  it("refuses a form beyond the limit with 413, though it is nothing but preamble", async () => {
    const { app } = serverOf(new FakeModel());
    const payload = Buffer.concat([Buffer.alloc(65 * 1024, "x"), form("file", photo).payload]);
    const { headers } = form("file", photo);
    const told = await app.inject({ method: "POST", url: "/predict", headers, payload });
    const chunked = { ...headers, "transfer-encoding": "chunked" };
    const untold = await app.inject({
      method: "POST",
      url: "/predict",
      headers: chunked,
      payload: Readable.from([payload]),
    });
    assert.deepEqual([told.statusCode, untold.statusCode], [413, 413]);
  });

  it("refuses other methods with 405, and says which it takes", async () => {
    const { app } = serverOf(new FakeModel());
    for (const method of ["GET", "PUT", "DELETE"] as const) {
      const response = await app.inject({ method, url: "/predict" });
      assert.deepEqual([response.statusCode, response.headers.allow], [405, "POST"]);
      assert.equal(response.json().error, `${method} is not allowed at this path; send the input with POST`);
    }
  });

  it("refuses a content type it does not take with 415", async () => {
    const { app } = serverOf(new FakeModel());
    for (const type of ["text/plain", "application/octet-stream", "nonsense"]) {
      const response = await app.inject({
        method: "POST",
        url: "/predict",
        headers: { "content-type": type },
        payload: photo,
      });
      assert.equal(response.statusCode, 415, type);
      assert.equal(response.json().code, "unsupported_type");
      assert.equal(
        response.json().error,
        `the content type is ${type}; expected multipart/form-data with a file, image/*, or application/json {"image": "<base64>"}`,
      );
    }
    const without = await app.inject({ method: "POST", url: "/predict" });
    assert.equal(without.statusCode, 415);
  });

  const faulty: [string, object, RegExp][] = [
    ["a form without a file", form("photo", photo), /no file; expected one in the field "file" or "image"/],
    ["an empty picture", form("file", Buffer.alloc(0)), /picture is empty/],
    ["a form cut short", { ...form("file", photo), payload: form("file", photo).payload.subarray(0, -8) }, /malformed/],
    [
      "a form without a boundary",
      { ...form("file", photo), headers: { "content-type": "multipart/form-data" } },
      /malformed/,
    ],
    ["broken JSON", { headers: { "content-type": "application/json" }, payload: "{" }, /JSON/],
    ["JSON without an image", { payload: { picture: "x" } }, /has no "image"/],
    ["an image that is not base64", { payload: { image: "%%%" } }, /not base64/],
    ["a form with two files", twoFiles(), /more than one file/],
  ];
  for (const [name, request, expected] of faulty) {
    it(`refuses ${name} with 400`, async () => {
      const response = await serverOf(new FakeModel()).app.inject({ method: "POST", url: "/predict", ...request });
      assert.equal(response.statusCode, 400, response.body);
      assert.match(response.json().error, expected);
    });
  }

  it("hides the reason of a failure of its own and logs it", async () => {
    const model = new FakeModel();
    model.answer = async () => {
      throw new Error("secret detail");
    };
    const logged: string[] = [];
    const { app } = serverOf(model, { log: pino({ level: "error" }, { write: (line: string) => logged.push(line) }) });
    const response = await app.inject({ method: "POST", url: "/predict", ...raw });
    assert.equal(response.statusCode, 500);
    assert.ok(!response.body.includes("secret"));
    assert.ok(logged.join("").includes("secret detail"));
  });

  it("answers 503, with Retry-After and on a connection that then closes, when no worker came free in time", async () => {
    const model = new FakeModel();
    model.answer = async () => {
      throw errors.timedOut();
    };
    const response = await serverOf(model).app.inject({ method: "POST", url: "/predict", ...raw });
    const { "retry-after": retryAfter, connection } = response.headers;
    assert.deepEqual([response.statusCode, retryAfter, connection], [503, "1", "close"]);
  });

  it("answers 503 while the model is loading", async () => {
    const model = new FakeModel();
    model.ready = false;
    const response = await serverOf(model).app.inject({ method: "POST", url: "/predict", ...raw });
    assert.equal(response.statusCode, 503);
    assert.equal(response.json().code, "not_ready");
  });
});

describe("SageMaker's contract", () => {
  it("answers POST /invocations like /predict", async () => {
    const response = await serverOf(new FakeModel()).app.inject({ method: "POST", url: "/invocations", ...raw });
    assert.equal(response.json().predictions[0].class, "cat");
  });
});

describe("status", () => {
  it("answers predictions while it is leaving, on connections that then close", async () => {
    const { app, admission } = serverOf(new FakeModel());
    admission.leaving = true;
    const answer = await app.inject({ method: "POST", url: "/predict", ...raw });
    assert.deepEqual([answer.statusCode, answer.headers.connection], [200, "close"]);
  });

  it("refuses predictions once it is closed", async () => {
    const { app, admission } = serverOf(new FakeModel());
    admission.leaving = true;
    admission.closed = true;
    const refused = await app.inject({ method: "POST", url: "/predict", ...raw });
    assert.equal(refused.statusCode, 503);
    assert.equal(refused.headers.connection, "close");
    assert.equal(refused.json().code, "draining");
  });

  it("answers /version with the release and the model", async () => {
    assert.deepEqual((await serverOf(new FakeModel()).app.inject("/version")).json(), {
      version: "9.9",
      revision: "abc",
      model: {
        name: "fake",
        version: "1.2",
        runtime: "onnxruntime",
        precision: "fp32",
        sha256: "0".repeat(64),
        input: "image",
      },
    });
  });
});

describe("X-Request-Id", () => {
  it("comes back as the caller sent it, on errors too", async () => {
    const { app } = serverOf(new FakeModel());
    for (const url of ["/version", "/nowhere", "/%6Detrics"]) {
      const response = await app.inject({ url, headers: { "x-request-id": "Root=1-67891233-abcdef" } });
      assert.equal(response.headers["x-request-id"], "Root=1-67891233-abcdef");
    }
  });

  it("is made up when there is none or one unfit for a log line", async () => {
    const { app } = serverOf(new FakeModel());
    for (const given of [undefined, "a b", "x".repeat(129), '"}']) {
      const response = await app.inject({ url: "/version", headers: given ? { "x-request-id": given } : {} });
      assert.match(String(response.headers["x-request-id"]), /^[0-9a-f-]{36}$/);
    }
  });

  it("is in the log line of every request, with the path, the status and the error", async () => {
    const logged: string[] = [];
    const model = new FakeModel();
    model.answer = async (picture) => {
      if (picture.length === 1) throw errors.notAnImage("it has no end");
    };
    const { app } = serverOf(model, { log: pino({}, { write: (line: string) => logged.push(line) }) });
    const requests = [
      { url: "/version" },
      { url: "/nowhere" },
      { url: "/%6Detrics" },
      { method: "POST", url: "/predict", ...raw },
      { method: "POST", url: "/predict", ...raw, payload: "x" },
    ] as const;
    for (const [index, request] of requests.entries()) {
      const headers = { ...("headers" in request ? request.headers : {}), "x-request-id": `id-${index}` };
      await app.inject({ ...request, headers });
    }
    assert.deepEqual(
      logged
        .map((line) => JSON.parse(line))
        .map((line) => [line.request_id, line.msg, line.method, line.path, line.status, line.error]),
      [
        ["id-0", "request", "GET", "/version", 200, undefined],
        ["id-1", "request", "GET", "/nowhere", 404, "there is nothing at this path"],
        ["id-2", "request", "GET", "/%6Detrics", 404, "there is nothing at this path"],
        ["id-3", "prediction", "POST", "/predict", 200, undefined],
        ["id-4", "prediction", "POST", "/predict", 400, errors.notAnImage("it has no end").message],
      ],
    );
  });
});

describe("PATH_PREFIX", () => {
  const pathPrefix = "/models/cats";

  it("makes every path answer under it too", async () => {
    const { app } = serverOf(new FakeModel(), { pathPrefix });
    for (const path of ["/", "/version", "/metrics"]) {
      assert.equal((await app.inject(path)).statusCode, 200, path);
      assert.equal((await app.inject(pathPrefix + path)).statusCode, 200, pathPrefix + path);
    }
    for (const path of ["/predict", "/invocations"]) {
      const response = await app.inject({ method: "POST", url: pathPrefix + path, ...raw });
      assert.equal(response.statusCode, 200);
    }
  });

  it("sends the bare prefix to the page, whose addresses are relative", async () => {
    const response = await serverOf(new FakeModel(), { pathPrefix }).app.inject(pathPrefix);
    assert.equal(response.statusCode, 308);
    assert.equal(response.headers.location, `${pathPrefix}/`);
  });
});

describe("the page", () => {
  it("offers three photos of its own, also under the prefix, and knows the limit of a body", async () => {
    const { app } = serverOf(new FakeModel(), { pathPrefix: "/models/cats" });
    const page = (await app.inject("/models/cats/")).body;
    assert.match(page, /<main data-body-limit="65536">/);
    const offered = [...page.matchAll(/<img src="(examples\/[^"]+)"/g)].map(([, source]) => source);
    assert.equal(offered.length, 3);
    for (const prefix of ["", "/models/cats"]) {
      for (const source of offered) {
        const answer = await app.inject(`${prefix}/${source}`);
        assert.deepEqual([answer.statusCode, answer.headers["content-type"]], [200, "image/webp"]);
        assert.equal(answer.rawPayload.toString("latin1", 8, 12), "WEBP");
      }
    }
  });

  it("comes with a policy that allows no other host and no other script", async () => {
    const response = await serverOf(new FakeModel()).app.inject("/");
    const policy = String(response.headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+';/);
    assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
    assert.ok(!/(src|href)="(https?:)?\/\//.test(response.body));
  });
});
