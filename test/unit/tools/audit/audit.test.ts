import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { auditProblems, isReport, isSignatures, signatureProblems } from "../../../../tools/audit/report";
import { projectFolder } from "../../../../tools/stack/file";

const url = "https://github.com/advisories/GHSA-1111-2222-3333";
const advisory = { id: 1, title: "Requests are smuggled", url, vulnerable_versions: "<99.0.0", cwe: [] };

/** Runs the audit, with npm itself, against a registry on this machine. */
async function audited(answer: RequestListener): Promise<{ code: number | null; output: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const env = { ...process.env, npm_config_registry: registry, npm_config_fetch_retries: "0" };
    const child = spawn("npm", ["run", "--silent", "audit"], { cwd: projectFolder, env });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, output: out + errors };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Knows of one vulnerability of fastify, which is in the image. */
function registryWith(severity: string): RequestListener {
  return async (request, response) => {
    if (request.method !== "POST") return response.writeHead(404).end("{}");
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const sent = Buffer.concat(body);
    const asked = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent).toString() : sent.toString();
    const found = Object.hasOwn(JSON.parse(asked), "fastify") ? { fastify: [{ ...advisory, severity }] } : {};
    return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(found));
  };
}

describe("npm run audit", function () {
  // npm starts twice for each folder. Its own limit ends it.
  this.timeout(600_000);

  it("fails at a high vulnerability in a package of the image, which it names", async () => {
    const { code, output } = await audited(registryWith("high"));
    assert.equal(code, 1, output);
    assert.match(output, /app: fastify <99\.0\.0 \(high\): Requests are smuggled, \S+GHSA-1111-2222-3333/);
    assert.match(output, /accept an advisory in tools\/audit\/accepted\.json/);
  });

  it("reports a registry that does not answer, and does not fail", async () => {
    const { code, output } = await audited((_request, response) => response.writeHead(405).end());
    assert.equal(code, 0, output);
    assert.match(output, /^app: the vulnerabilities of its packages were not checked: 405 Method Not Allowed/m);
    assert.match(output, /^app: the signatures of its packages were not checked: /m);
  });
});

describe("auditProblems", () => {
  const via = (severity: string) => [{ title: "T", url, severity, range: "<2" }, "other"];
  const report = (severity: string, fixAvailable: boolean | object = true) => {
    const answer: unknown = {
      auditReportVersion: 2,
      vulnerabilities: { tar: { name: "tar", via: via(severity), fixAvailable } },
    };
    assert.ok(isReport(answer));
    return answer;
  };
  const today = new Date("2026-11-30");

  it("names high and critical advisories, with what fixes them", () => {
    assert.deepEqual(auditProblems(report("critical", { name: "tar", version: "2.0.0" }), {}, today), [
      `tar <2 (critical): T, ${url}. Fixed with tar 2.0.0`,
    ]);
    assert.match(auditProblems(report("high", false), {}, today).join(), /No version fixes it$/);
  });

  it("passes over moderate ones", () => assert.deepEqual(auditProblems(report("moderate"), {}, today), []));

  it("passes over an accepted advisory until its day", () => {
    const accepted = (until: string) => ({ "GHSA-1111-2222-3333": { until, why: "not called" } });
    assert.deepEqual(auditProblems(report("high"), accepted("2026-11-30"), today), []);
    assert.equal(auditProblems(report("high"), accepted("2026-11-29"), today).length, 1);
  });

  it("names a package whose signature does not fit", () => {
    const answer: unknown = { invalid: [{ name: "tar", version: "1.0.0" }], missing: [] };
    assert.ok(isSignatures(answer));
    assert.match(signatureProblems(answer).join(), /^tar 1\.0\.0: the registry's signature does not fit/);
  });
});
