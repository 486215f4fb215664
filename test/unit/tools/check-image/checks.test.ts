import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { presetNames, presets } from "../../../../components/core/presets";
import { memoryFinding } from "../../../../tools/check-image/checks/answers";
import { writtenFolders } from "../../../../tools/check-image/checks/files";
import { idleConnection, keepAliveFinding } from "../../../../tools/check-image/checks/keep-alive";
import { logFindings } from "../../../../tools/check-image/checks/log";
import { pathFindings } from "../../../../tools/check-image/checks/paths";
import { portFindings } from "../../../../tools/check-image/checks/port";
import { sizeFinding } from "../../../../tools/check-image/checks/size";
import { sigtermIn, stopFindings, underWayOf } from "../../../../tools/check-image/checks/stop";
import { identityIn } from "../../../../tools/check-image/checks/user";
import type { Finding } from "../../../../tools/check-image/finding";
import { guessedPreset } from "../../../../tools/check-image/image";
import { planOf } from "../../../../tools/check-image/plan";

const keysOf = ({ set = [] }: Finding) => set.map(({ key, value }) => [key, value]);

describe("npm run check-image: port", () => {
  const spec = planOf(undefined, "fastapi").specWith();
  const findings = (listeners: readonly { port: number; isLoopback: boolean }[] | undefined, answering?: number) =>
    portFindings({
      spec,
      image: { exposedPorts: [9000] },
      trial: { container: {}, ...(listeners && { listeners }) },
      ...(answering && { answers: { port: answering, url: "", statuses: new Map() } }),
    });
  for (const [title, listeners, answering, verdict, text, keys] of [
    ["accepts the port of the preset", [{ port: 8000, isLoopback: false }], 8000, "ok", /every address/, []],
    ["names 127.0.0.1", [{ port: 8000, isLoopback: true }], undefined, "problem", /127\.0\.0\.1:8000 only/, []],
    [
      "names 127.0.0.1 on another port",
      [{ port: 9000, isLoopback: true }],
      undefined,
      "problem",
      /127\.0\.0\.1:9000/,
      [],
    ],
    [
      "sets the port that is open",
      [{ port: 9000, isLoopback: false }],
      undefined,
      "problem",
      /listens on port 9000, and container\.port is 8000/,
      [["container.port", 9000]],
    ],
    [
      "sets the port that answers, of several",
      [
        { port: 9000, isLoopback: false },
        { port: 9001, isLoopback: false },
      ],
      9001,
      "problem",
      /port 9000, 9001/,
      [["container.port", 9001]],
    ],
    ["does not judge a server that listens nowhere yet", [], undefined, "not checked", /listens on no port/, []],
    ["names what the image declares if nothing can be read", undefined, undefined, "problem", /declares 9000/, []],
  ] as const) {
    it(title, () => {
      const [found] = findings(listeners, answering);
      assert.ok(found);
      assert.equal(found.verdict, verdict);
      assert.match(found.text, text);
      assert.deepEqual(keysOf(found), keys);
    });
  }
});

describe("npm run check-image: keep-alive", () => {
  const known = (command: string, preset: "fastapi" | "vllm" | "other" = "other") =>
    ({ spec: { idleSeconds: 60 }, image: { command: command.split(" ") }, preset }) as const;
  for (const [title, of, advice, keys] of [
    [
      "sets uvicorn's variable",
      known("uvicorn app:app"),
      /UVICORN/,
      [["environment.UVICORN_TIMEOUT_KEEP_ALIVE", "75"]],
    ],
    [
      "names uvicorn's option where it is set",
      known("uvicorn app:app --timeout-keep-alive 5"),
      /--timeout-keep-alive to 75/,
      [],
    ],
    [
      "sets gunicorn's variable",
      known("gunicorn app"),
      /GUNICORN/,
      [["environment.GUNICORN_CMD_ARGS", "--keep-alive 75"]],
    ],
    ["sets vLLM's variable", known("serve", "vllm"), /VLLM/, [["environment.VLLM_HTTP_TIMEOUT_KEEP_ALIVE", "75"]]],
    ["names Node's property", known("node server.js"), /keepAliveTimeout = 75000/, []],
  ] as const) {
    it(title, () => {
      const found = keepAliveFinding({ closedAfterSeconds: 5 }, of);
      assert.equal(found.verdict, "problem");
      assert.match(found.text, /after 5 s.*callers get 502/);
      assert.match(found.text, advice);
      assert.deepEqual(keysOf(found), keys);
    });
  }

  it("accepts a connection that outlives the load balancer's, and one that is never reused", () => {
    assert.equal(keepAliveFinding({ keptSeconds: 65 }, known("node")).verdict, "ok");
    assert.equal(keepAliveFinding("no keep-alive", known("gunicorn")).verdict, "ok");
  });

  const measured = async (keepAliveMs: number, headers: Record<string, string> = {}) => {
    const server = createServer((_, response) => response.writeHead(200, headers).end("ok"));
    Object.assign(server, { keepAliveTimeout: keepAliveMs, keepAliveTimeoutBuffer: 0 });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      return await idleConnection({ url, path: "/" }, 2.5);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  // Older versions of Node close the connection a second late.
  it("measures when the server closes", async () => {
    const idle = await measured(500);
    assert.ok(typeof idle === "object" && "closedAfterSeconds" in idle, JSON.stringify(idle));
    assert.ok(idle.closedAfterSeconds > 0.3 && idle.closedAfterSeconds < 2.5, String(idle.closedAfterSeconds));
  });

  it("measures that it does not close in time, and that it announced to close", async () => {
    assert.deepEqual(await measured(5000), { keptSeconds: 2.5 });
    assert.equal(await measured(5000, { connection: "close" }), "no keep-alive");
  });
});

describe("npm run check-image: SIGTERM", () => {
  const known = (command: readonly string[]) => ({ stopSeconds: 90, command });
  const exit = { seconds: 0.4, code: 0 };

  it("reads from the masks of signals what process 1 does with SIGTERM", () => {
    const none = "0000000000000000";
    const term = "0000000000004000";
    const status = (blocked: string, ignored: string, caught: string) =>
      `SigBlk:\t${blocked}\nSigIgn:\t${ignored}\nSigCgt:\t${caught}\n`;
    assert.equal(sigtermIn(status(none, none, term)), "handles");
    assert.equal(sigtermIn(status(none, term, "0000000000000002")), "ignores");
    assert.equal(sigtermIn(status(none, none, "0000000000000002")), "default");
    assert.equal(sigtermIn(status(term, none, none)), undefined);
    assert.equal(sigtermIn(""), undefined);
  });

  for (const [sigterm, text] of [
    [
      "default",
      /^Process 1 has no handler for SIGTERM.*: ECS ends it at once, and EKS kills it after container\.stopSec/,
    ],
    ["ignores", /^Process 1 ignores SIGTERM: ECS and EKS kill it after container\.stopSeconds, 90 s/],
    [
      undefined,
      /^It still runs 5 s after SIGTERM: EKS kills it after container\.stopSeconds, 90 s, .* So does ECS, unless/,
    ],
  ] as const) {
    it(`names what both platforms do with a server that goes on (${sigterm})`, () => {
      const [found] = stopFindings({ waitedSeconds: 5, ...(sigterm && { sigterm }) }, known(["node"]));
      assert.match(found?.text ?? "", text);
    });
  }

  it("counts only requests that were certainly under way", () => {
    const sent = [
      { sentMs: 0, latencyMs: 100, status: 200 },
      { sentMs: 950, latencyMs: 400, status: 200 },
      { sentMs: 950, latencyMs: 100, status: 200 },
      { sentMs: 960, latencyMs: 90, status: 0 },
      { sentMs: 1050, latencyMs: 300, status: 0 },
    ];
    assert.deepEqual(underWayOf(sent, 1000, 1100), { answered: 1, lost: 1, usualMs: 100 });
  });

  it("names a shell that passes no signal on, and its command", () => {
    const [found] = stopFindings({ waitedSeconds: 5, sigterm: "default" }, known(["/bin/sh", "-c", "python app.py"]));
    assert.ok(found);
    assert.match(found.text, /Its shell passes no signal on/);
    assert.deepEqual(keysOf(found), [["container.command", ["python", "app.py"]]]);
  });

  it("takes no command out of a script of the shell", () => {
    const [found] = stopFindings({ waitedSeconds: 5 }, known(["sh", "-c", "a && b"]));
    assert.deepEqual(found && keysOf(found), []);
  });

  for (const [title, underWay, verdict] of [
    ["answered requests as ok", { answered: 4, lost: 0, usualMs: 900 }, "ok"],
    ["lost requests as a problem", { answered: 1, lost: 3, usualMs: 900 }, "problem"],
    ["requests that were too short as not checked", { answered: 0, lost: 0, usualMs: 3 }, "not checked"],
    ["no request as not checked", undefined, "not checked"],
  ] as const) {
    it(`reports ${title}`, () =>
      assert.deepEqual(
        stopFindings({ exit, waitedSeconds: 0.4, ...(underWay && { underWay }) }, known(["node"])).map(
          (one) => one.verdict,
        ),
        ["ok", verdict],
      ));
  }
});

describe("npm run check-image: files", () => {
  it("finds the folders that were written", () =>
    assert.deepEqual(
      writtenFolders(
        [
          "C /root",
          "A /root/.cache",
          "A /root/.cache/model.bin",
          "C /var",
          "C /var/log",
          "A /var/log/app.log",
          "C /app",
          "A /app/__pycache__",
          "A /app/__pycache__/app.pyc",
          "C /tmp",
          "A /tmp/x",
          "C /etc",
          "C /etc/hosts",
        ].join("\n"),
      ),
      ["/root/.cache", "/var/log"],
    ));

  it("finds nothing where nothing was written", () => assert.deepEqual(writtenFolders(""), []));
});

describe("npm run check-image: log, size, memory, user", () => {
  for (const [title, text, logFormat, verdict, keys] of [
    ["warns of an empty log", "\n", "text", "warning", []],
    ["sets json where every line is", '{"a":1}\n{"b":2}\n', "text", "ok", [["container.logFormat", "json"]]],
    ["sets text where a line is not JSON", '{"a":1}\nhello\n', "json", "warning", [["container.logFormat", "text"]]],
    ["accepts text", "hello\n", "text", "ok", []],
  ] as const) {
    it(title, () => {
      const [found] = logFindings(text, { logFormat });
      assert.deepEqual([found?.verdict, found && keysOf(found)], [verdict, keys]);
    });
  }

  it("sets the disk of a task for an image that does not fit twice", () => {
    assert.equal(sizeFinding(4).verdict, "ok");
    assert.deepEqual(keysOf(sizeFinding(12)), [["container.ephemeralStorageGiB", 26]]);
    assert.equal(sizeFinding(12, 30).verdict, "ok");
  });

  for (const [memory, verdict, keys] of [
    [{ atRest: 300, peak: 500 }, "ok", []],
    [{ atRest: 300, peak: 800 }, "warning", [["memory", 2048]]],
    [{ atRest: 300, peak: 1000 }, "problem", [["memory", 2048]]],
    [{ atRest: 950 }, "problem", [["memory", 2048]]],
  ] as const) {
    it(`reports ${JSON.stringify(memory)} of 1024 MiB as ${verdict}`, () => {
      const found = memoryFinding(memory, { memoryMiB: 1024, cpuUnits: 512 });
      assert.deepEqual([found.verdict, keysOf(found)], [verdict, keys]);
    });
  }

  it("reads the user of a process", () => {
    assert.deepEqual(identityIn("Name:\tnode\nUid:\t0\t1000\t0\t0\nGid:\t5\t50\t5\t5\n"), { uid: 1000, gid: 50 });
    assert.equal(identityIn(""), undefined);
  });
});

describe("npm run check-image: paths", () => {
  const found = (statuses: Record<string, number>, readiness: string, liveness?: string) =>
    pathFindings({ statuses: new Map(Object.entries(statuses)) }, { readiness, ...(liveness && { liveness }) }, 5);
  for (const [title, findings, verdicts, text, keys] of [
    ["accepts both paths", found({ "/ready": 200, "/live": 200 }, "/ready", "/live"), ["ok", "ok"], /readiness/, []],
    [
      "sets both keys where one path has both uses",
      found({ "/health": 404, "/healthz": 200 }, "/health", "/health"),
      ["problem"],
      /\/health answers 404; expected 200 \(readiness and liveness\)\. 200 comes from \/healthz/,
      [
        ["container.readinessPath", "/healthz"],
        ["container.livenessPath", "/healthz"],
      ],
    ],
    [
      "refuses a redirect",
      found({ "/": 307, "/docs": 200 }, "/"),
      ["problem"],
      /answers 307; expected 200, because the load balancer follows no redirect/,
      [["container.readinessPath", "/docs"]],
    ],
    [
      "sets the liveness path alone",
      found({ "/ready": 200, "/live": 404 }, "/ready", "/live"),
      ["ok", "problem"],
      /./,
      [["container.livenessPath", "/ready"]],
    ],
    [
      "names a preset that fits",
      found({ "/a": 404, "/v2/health/ready": 200, "/v2/health/live": 200 }, "/a"),
      ["problem"],
      /with preset triton, mlserver/,
      [["container.readinessPath", "/v2/health/ready"]],
    ],
    [
      "asks for a path where none answers",
      found({ "/health": 404 }, "/health"),
      ["problem"],
      /No usual path[\s\S]*set container\.readinessPath/,
      [],
    ],
  ] as const) {
    it(title, () => {
      assert.deepEqual(
        findings.map(({ verdict }) => verdict),
        verdicts,
      );
      assert.match(findings[0]?.text ?? "", text);
      assert.deepEqual(findings.flatMap(keysOf), keys);
    });
  }
});

describe("npm run check-image: presets", () => {
  for (const preset of presetNames) {
    it(`runs ${preset} with its port and paths, and knows what it looks for`, () => {
      const { port, readinessPath } = presets[preset];
      const spec = planOf(undefined, preset).specWith();
      assert.deepEqual([spec.port, spec.paths.readiness, spec.environment.PORT], [port, readinessPath, String(port)]);
      const [ok] = pathFindings({ statuses: new Map([[readinessPath, 200]]) }, spec.paths, 1);
      assert.equal(ok?.verdict, "ok");
    });
  }
});

describe("planOf", () => {
  it("finds that the stack file of dev names no preset, though Pulumi.yaml has a default", () => {
    const plan = planOf("dev", undefined);
    assert.deepEqual([plan.settings.container.preset, plan.names("preset")], ["ours", false]);
  });
});

describe("guessedPreset", () => {
  for (const [command, labels, preset] of [
    ["node dist/main.js", { "org.opencontainers.image.title": "inference-server" }, "ours"],
    ["uvicorn app:app --host 0.0.0.0", {}, "fastapi"],
    ["gunicorn app", {}, "flask"],
    ["tritonserver", {}, "triton"],
    ["python3 -m vllm.entrypoints.openai.api_server", {}, "vllm"],
    ["serve", { "com.amazonaws.sagemaker.capabilities.accept-bind-to-port": "true" }, "sagemaker"],
    ["python server.py", {}, "other"],
  ] as const) {
    it(`takes ${command} for ${preset}`, () =>
      assert.equal(guessedPreset({ command: command.split(" "), labels }), preset));
  }
});
