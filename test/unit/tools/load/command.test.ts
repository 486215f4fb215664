import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { UserError } from "../../../../tools/cli/user-error";
import { readArguments } from "../../../../tools/load/arguments";
import { introduced, targetOf, variantLanes } from "../../../../tools/load/lanes";
import { refuseForeign } from "../../../../tools/load/ownership";
import { faultOf, type Recording } from "../../../../tools/load/recording";
import { projectFolder } from "../../../../tools/stack/file";
import { temporaryFolder } from "../../../support/folder";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs in the background: its server is in this process. */
const load = (...args: string[]): Promise<Run> =>
  new Promise((resolve) => {
    const command = ["-r", "ts-node/register", "tools/load/main.ts", ...args];
    execFile(process.execPath, command, { cwd: projectFolder }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

describe("npm run load", function () {
  this.timeout(60_000);
  const folder = temporaryFolder("load");
  const asked: { method?: string; path?: string; variant?: unknown; type?: string; key?: unknown; body: string }[] = [];
  /** The status of each variant's answers to /predict, one after the other; the last one stays. */
  let statuses = [200];
  const server = createServer((request, response) => {
    const { "x-variant": variant, "content-type": type, "x-api-key": key } = request.headers;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const { method, url: path } = request;
      const body = Buffer.concat(chunks).toString("latin1");
      asked.push({ method, path, variant, type, key, body });
      if (path === "/predict") response.statusCode = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
      else if (path?.startsWith("/none")) response.statusCode = 404;
      const version = { version: "1.2", model: { name: `of ${variant}`, version: "3" } };
      response.end(path === "/version" ? JSON.stringify(version) : `${response.statusCode} of the server\nmore`);
    });
  });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  beforeEach(() => {
    asked.length = 0;
    statuses = [200];
  });
  after(() => {
    server.close();
  });

  it("sends the same number of photos to each variant by its header, in turns, and prints health and version", async () => {
    const file = join(folder, "load.json");
    const variants = ["--variants", "ecs,eks", "--rps", "20", "--seconds", "1"];
    const { code, stdout, stderr } = await load(url(), ...variants, "--header", "x-api-key: k", "--save", file);
    assert.equal(code, 0, stderr);
    const photos = asked.filter(({ path }) => path === "/predict");
    const of = (name: string) => photos.filter(({ variant }) => variant === name).length;
    // One more each: the first request, before the load.
    assert.deepEqual([of("ecs"), of("eks")], [21, 21]);
    assert.ok(photos.every(({ type, key }) => /^image\//.test(type ?? "") && key === "k"));
    assert.match(stdout, /^ecs +20 +[\d.]+ .* 0$/m);
    assert.match(stdout, /^eks +200 +1\.2 of eks 3$/m);
    assert.ok(stdout.split("\n").every((line) => line.length <= 80));
    const recording = JSON.parse(readFileSync(file, "utf8")) as Recording;
    assert.equal(faultOf(recording), undefined);
    assert.deepEqual(
      recording.lanes.map(({ name, steps }) => [name, steps[0]?.requests]),
      [
        ["ecs", 20],
        ["eks", 20],
      ],
    );
  });

  it("counts refusals as errors by status, and exits with 1 when there is no other answer", async () => {
    statuses = [200, 503];
    const { code, stdout } = await load(url(), "--rps", "20", "--seconds", "1");
    assert.equal(code, 1);
    assert.match(stdout, /^public +20 +0 .* 20$/m);
    assert.match(stdout, /^Errors of public: 503: 20\.$/m);
  });

  it("sends the request of the options, and prints what it sent", async () => {
    const request = ["--path", "/v1/predict?key=hidden", "--body", '{"x": [1]}', "--header", "x-api-key: k"];
    const file = join(folder, "own.json");
    const { code, stdout, stderr } = await load(url(), ...request, "--rps", "5", "--seconds", "1", "--save", file);
    assert.equal(code, 0, stderr);
    const own = asked.filter(({ path }) => path === "/v1/predict?key=hidden");
    assert.equal(own.length, 6);
    for (const { method, type, key, body } of own)
      assert.deepEqual([method, type, key, body], ["POST", "application/json", "k", '{"x": [1]}']);
    assert.match(stdout, /^Sent: POST \/v1\/predict, application\/json, 10 bytes\.$/m);
    assert.doesNotMatch(readFileSync(file, "utf8"), /hidden|x-api-key/);
  });

  it("sends the requests of a folder in turns", async () => {
    const samples = join(folder, "samples");
    mkdirSync(samples);
    writeFileSync(join(samples, "1.json"), "[1]");
    writeFileSync(join(samples, "2.request.json"), JSON.stringify({ path: "/v2", body: [2, 2] }));
    const { code, stderr } = await load(url(), "--path", "/v1", "--requests", samples, "--rps", "4", "--seconds", "1");
    assert.equal(code, 0, stderr);
    const of = (path: string, body: string) => asked.filter((one) => one.path === path && one.body === body).length;
    assert.deepEqual([of("/v1", "[1]"), of("/v2", "[2,2]")], [3, 2]);
  });

  it("fails at once when the first request is not answered with 2xx, with the first line of the answer", async () => {
    const { code, stderr, stdout } = await load(url(), "--path", "/none", "--body", "{}", "--seconds", "60");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /^POST \/none answered 404: 404 of the server\nThe first request must be answered with 2xx, otherwise/,
    );
    assert.equal(asked.filter(({ path }) => path === "/none").length, 1);
    statuses = [302];
    const variants = await load(url(), "--variants", "ecs,eks");
    assert.match(variants.stderr, /^ecs: POST \/predict answered 302: .*\neks: POST \/predict answered 302: /);
  });

  it("sends no load to a host that does not answer, or that belongs to another owner", async () => {
    const silent = await load("http://127.0.0.1:1");
    assert.deepEqual([silent.code, silent.stderr], [1, "127.0.0.1:1 does not answer\n"]);
    const foreign = await load("http://example.com");
    assert.equal(foreign.code, 1);
    assert.match(foreign.stderr, /^example\.com: expected this machine or the host of the stack .* --yes-i-own-it\n$/);
  });
});

describe("refuseForeign", () => {
  const refused = (url: string, stackUrl?: string, owned = false) => {
    try {
      refuseForeign(new URL(url), stackUrl, owned);
      return false;
    } catch (error) {
      return error instanceof UserError;
    }
  };

  it("accepts this machine, the host of the stack, and any host with --yes-i-own-it", () => {
    const stack = "https://api.example.com";
    assert.deepEqual(
      ["http://localhost:80", "http://127.0.0.1", "http://[::1]:8080"].map((url) => refused(url)),
      [false, false, false],
    );
    assert.equal(refused("https://api.example.com/models/a", stack), false);
    assert.equal(refused("https://other.example.com", undefined, true), false);
  });

  it("refuses a host with a similar name", () => {
    const stack = "https://api.example.com";
    const others = ["https://api.example.com.evil.io", "https://api.example.com:8443", "http://localhost.evil.io"];
    assert.deepEqual(
      others.map((url) => refused(url, stack)),
      [true, true, true],
    );
    assert.equal(refused("https://api.example.com"), true);
  });
});

describe("the arguments of npm run load", () => {
  const mistakes: [string[], RegExp][] = [
    [[], /a URL or --stack is missing/],
    [["ftp://x"], /the URL is ftp:\/\/x; expected one such as/],
    [["http://a", "http://b"], /http:\/\/b is a second URL; expected one/],
    [["http://a", "--rps", "0"], /--rps is 0; expected a number above 0/],
    [["http://a", "--p99", "500"], /--p99 needs --ramp/],
    [["http://a", "--path", "v1"], /--path is v1; expected one such as \/v1\/predict/],
    [["http://a", "--method", "post"], /--method is post; expected one such as POST/],
    [["http://a", "--body", "{}", "--file", "a"], /--body and --file: expected only one of them/],
    [["http://a", "--file", "a", "--form", "a=b"], /--file and --form: expected only one of them/],
    [["http://a", "--type", "text/csv"], /--type is text\/csv, but there is no body/],
    [["http://a", "--header", "content-type: text/csv"], /--type is text\/csv, but there is no body/],
    [["http://a", "--header", "secret"], /a --header is not of the form 'name: value'/],
  ];
  for (const [args, message] of mistakes)
    it(`refuse ${args.join(" ") || "nothing at all"}`, () => {
      assert.throws(
        () => readArguments(args),
        (error) => error instanceof UserError && message.test(error.message) && !/secret/.test(error.message),
      );
    });
});

describe("targetOf", () => {
  const to = (base: string, path: string, headers = {}) =>
    targetOf({ name: "a", headers: { "x-variant": "a" } }, new URL(base), { method: "GET", path, headers });

  it("appends the path to the URL, also one with a colon, and keeps the query", () =>
    assert.deepEqual(
      [
        to("http://a/", "/v1/models/m:predict?x=1").url.href,
        to("http://a/models/b/", "/m:predict").url.href,
        to("http://a/", "//b/c").url.href,
      ],
      ["http://a/v1/models/m:predict?x=1", "http://a/models/b/m:predict", "http://a/b/c"],
    ));

  it("adds the request's headers; the variant header wins", () =>
    assert.deepEqual(to("http://a/", "/", { "x-variant": "b", "x-user": "7" }).headers, {
      "x-variant": "a",
      "x-user": "7",
    }));
});

describe("introduced", () => {
  it("asks the health path of the stack's container, and takes 404 for an answer", async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.statusCode = request.url === "/models/v2/health/live" ? 200 : 404;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/models/`);
    const ask = (path: string) => introduced({ name: "a", headers: {} }, url, path);
    try {
      assert.deepEqual(await ask("/v2/health/live"), { health: 200 });
      assert.deepEqual(await ask("/health"), { health: 404 });
    } finally {
      server.close();
    }
    assert.ok(asked.includes("/models/version"));
  });
});

describe("variantLanes", () => {
  it("pins each variant by its header and keeps its target group", () => {
    const variants = [{ name: "ecs", target: "ecs", header: "x-variant: ecs", targetGroupArn: "arn:group" }];
    assert.deepEqual(variantLanes({ outputs: { variants } }), [
      { name: "ecs", target: "ecs", headers: { "x-variant": "ecs" }, targetGroupArn: "arn:group" },
    ]);
  });
});
