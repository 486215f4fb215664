import assert from "node:assert/strict";
import type { LogFormat } from "../../../../components/core/container";
import { logPatterns, savedQueries } from "../../../../components/monitoring/logs";
import { declaredStack } from "../../support/mock-cloud";

const metricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm";

/** Whether CloudWatch counts the line, for the two forms of a pattern that the program uses for other containers. */
function counts(pattern: string, line: string): boolean {
  if (!pattern.startsWith("{"))
    return pattern.split(" ").some((term) => {
      assert.match(term, /^\?\w+$/);
      return line.includes(term.slice(1));
    });
  const fields: Record<string, unknown> = line.startsWith("{") ? JSON.parse(line) : {};
  const comparisons = pattern.slice("{ ".length, -" }".length).split(" || ");
  return comparisons.some((comparison) => {
    const [, field = "", value = ""] = comparison.match(/^\(\$\.(\w+) = ("\w+"|\d+)\)$/) ?? [];
    assert.ok(value, comparison);
    return fields[field] === JSON.parse(value);
  });
}

const fatal = (format: LogFormat, line: string) => counts(logPatterns(format).get("FatalLines") ?? "", line);

describe("Logs of a container that is not ours", () => {
  const json: Readonly<Record<string, [line: object, isFatal: boolean]>> = {
    "pino and bunyan": [{ level: 60, msg: "no model" }, true],
    "an error of pino": [{ level: 50, msg: "bad request" }, false],
    "python-json-logger": [{ levelname: "CRITICAL", message: "no model" }, true],
    "an error of python-json-logger": [{ levelname: "ERROR", message: "bad request" }, false],
    structlog: [{ level: "critical", event: "no model" }, true],
    zerolog: [{ level: "fatal", message: "no model" }, true],
    "zap in panic": [{ level: "panic", msg: "no model" }, true],
    "logs for Google Cloud": [{ severity: "CRITICAL", message: "no model" }, true],
    "a message about something critical": [{ level: "info", message: "CRITICAL fatal" }, false],
  };
  for (const [library, [line, isFatal]] of Object.entries(json))
    it(`json: ${isFatal ? "counts" : "does not count"} ${library}`, () =>
      assert.equal(fatal("json", JSON.stringify(line)), isFatal));

  const text: Readonly<Record<string, boolean>> = {
    "Traceback (most recent call last):": true,
    "2026-11-29 12:00:00,000 CRITICAL root: no model": true,
    "FATAL: no model": true,
    "Fatal Python error: Segmentation fault": true,
    "thread 'main' panicked at src/main.rs:3:5:": true,
    "panic: runtime error: index out of range": true,
    'INFO: 10.0.0.1:1234 - "POST /predict HTTP/1.1" 500 Internal Server Error': false,
    "ERROR: bad request": false,
  };
  for (const [line, isFatal] of Object.entries(text))
    it(`text: ${isFatal ? "counts" : "does not count"} ${line}`, () => assert.equal(fatal("text", line), isFatal));

  it("count with patterns of at most 1,024 characters, the limit of PutMetricFilter", () => {
    for (const format of ["ours", "json", "text"] as const)
      for (const pattern of logPatterns(format).values()) assert.ok(pattern.length <= 1024, pattern);
  });

  for (const logFormat of ["json", "text"] as const)
    it(`${logFormat}: have the alarm on fatal lines and their own queries, and nothing that reads our server's lines`, async function () {
      this.timeout(60_000);
      const container = { preset: "fastapi", logFormat };
      const plan = await declaredStack("dev", { target: "both", container });
      const logAlarms = plan.names(metricAlarm).filter((name) => /^inference-(fatal|crashing)$/.test(name));
      assert.deepEqual(logAlarms, ["inference-fatal"]);
      const filters = plan.all("aws:cloudwatch/logMetricFilter:LogMetricFilter").map(({ inputs }) => inputs.pattern);
      const pattern = logPatterns(logFormat).get("FatalLines");
      assert.deepEqual(filters, [pattern, pattern]);
      const queries = plan.all("aws:cloudwatch/queryDefinition:QueryDefinition").map(({ inputs }) => inputs);
      assert.deepEqual(
        Object.fromEntries(queries.map(({ name, queryString }) => [String(name).split("/").at(-1), queryString])),
        savedQueries[logFormat],
      );
      const { dashboardBody } = plan.one("aws:cloudwatch/dashboard:Dashboard").inputs;
      assert.doesNotMatch(String(dashboardBody), /by the container|in the container/);
      assert.match(String(dashboardBody), /Errors of the load balancer/);
    });

  it("name the saved query of the advice in every format", () => {
    for (const queries of Object.values(savedQueries)) assert.ok("errors" in queries);
  });
});
