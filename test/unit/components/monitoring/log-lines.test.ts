import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EmbeddedMetrics } from "../../../../app/src/telemetry/emf";
import { type LogLine, ServerProcess } from "../../../../app/test/support/server-process";
import { dashboard } from "../../../../components/monitoring/dashboard";
import { logPatterns, savedQueries } from "../../../../components/monitoring/logs";
import { sampleStack } from "../../../../tools/dashboard/sample";
import { projectFolder } from "../../../../tools/stack/file";
import { buildAppIfStale } from "../../../../tools/start/build-app";

const words = /"[^"]*"|\b(?:fields|filter|sort|limit|stats|and|by|desc|count|pct|bin|as \w+)\b|\(1m\)|\d+/g;

/** The fields of a saved query that the container must write, not those of CloudWatch or of the query itself. */
function fieldsOf(query: string): string[] {
  const named = [...query.matchAll(/\bas (\w+)/g)].map(([, name]) => name);
  const left = query.replace(words, " ").match(/[@\w]+/g) ?? [];
  return [...new Set(left)].filter((word) => !word.startsWith("@") && !named.includes(word));
}

/** The lines that the metric counts, by its filter pattern `{ $.field = "value" }`. */
function counted(metric: string, lines: readonly LogLine[]): number {
  const pattern = logPatterns("ours").get(metric) ?? "";
  const [, field = "", value] = pattern.match(/^\{ \$\.(\w+) = "([^"]+)" \}$/) ?? [];
  assert.ok(value, `${metric}: ${pattern}`);
  return lines.filter((line) => line[field] === value).length;
}

const searches = dashboard(sampleStack)
  .flatMap(({ widgets }) => widgets)
  .flatMap((widget) => (widget.kind === "search" ? widget.searches : []));

describe("Log lines of the container", function () {
  this.timeout(240_000);
  let lines: readonly LogLine[];
  let last: readonly LogLine[];

  before(async () => {
    await buildAppIfStale(join(projectFolder, "app"));
    const server = await ServerProcess.ready({ EMF: "1" });
    try {
      const predict = async (body: string | Uint8Array) =>
        (
          await fetch(`${await server.url()}/predict`, {
            method: "POST",
            headers: { "content-type": "image/jpeg" },
            body,
          })
        ).status;
      const photo = readFileSync(join(projectFolder, "app/photos/chelsea.png"));
      assert.deepEqual([await predict(photo), await predict("no photo")], [200, 400]);
      server.signal("SIGTERM");
      assert.equal(await server.exitCode(), 0);
      lines = server.lines;
    } finally {
      await server.stop();
    }
    const broken = ServerProcess.run({ MODEL_URI: "/nowhere" });
    assert.equal(await broken.exitCode(), 1);
    last = broken.lines;
  });

  const predictions = () => lines.filter(({ msg }) => msg === "prediction");

  for (const [title, query] of Object.entries(savedQueries.ours))
    it(`have every field of the saved query "${title}"`, () => {
      assert.match(query, /filter msg = "prediction"/);
      const fields = fieldsOf(query);
      assert.ok(fields.length >= 3, fields.join());
      for (const line of predictions())
        for (const field of fields) assert.ok(field in line, `${field} in ${JSON.stringify(line)}`);
    });

  it("have the types of values that the queries compare", () => {
    const [good, bad] = predictions();
    assert.deepEqual([good?.outcome, good?.status, typeof good?.seconds], ["ok", 200, "number"]);
    assert.deepEqual([bad?.outcome, bad?.status], ["client_error", 400]);
  });

  it("count one start, one shutdown and no fatal line for a replica that starts and stops", () => {
    assert.equal(counted("Starts", lines), 1);
    assert.equal(counted("Shutdowns", lines), 1);
    assert.equal(counted("FatalLines", lines), 0);
  });

  it("count one fatal line and no start for a replica that cannot load its model", () => {
    assert.equal(counted("FatalLines", last), 1);
    assert.equal(counted("Starts", last), 0);
  });

  it("hold the metrics that the dashboard searches for", () => {
    const written: string[] = [];
    const metrics = new EmbeddedMetrics("any", (line) => written.push(line));
    for (const outcome of ["ok", "client_error", "overloaded", "unavailable", "failed"] as const)
      metrics.request(outcome, 0.1);
    metrics.batch(1, [0.1]);
    metrics.flush();
    const ofServer = lines.find((line) => "_aws" in line);
    assert.ok(ofServer, "no line of metrics");
    for (const line of [JSON.parse(written[0] ?? "{}"), ofServer]) {
      const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
      for (const { namespace, dimensions, metric } of searches) {
        assert.equal(Namespace, namespace);
        assert.deepEqual(Dimensions, [dimensions]);
        for (const dimension of dimensions) assert.equal(typeof line[dimension], "string");
        if (line === ofServer) continue;
        assert.ok(
          Metrics.some(({ Name }: { Name: string }) => Name === metric),
          metric,
        );
        assert.ok(Array.isArray(line[metric]), metric);
      }
    }
  });
});
