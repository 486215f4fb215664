import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { auditProblems, isReport, isSignatures, reasonIn, signatureProblems } from "../../../../tools/audit/report";
import { projectFolder } from "../../../../tools/stack/file";
import { ProjectCopy } from "../../../engine/support/project-copy";
import { temporaryFolder } from "../../../support/folder";

const url = "https://github.com/advisories/GHSA-1111-2222-3333";
const advisory = { id: 1, title: "Requests are smuggled", url, vulnerable_versions: "<99.0.0", cwe: [] };

/** Runs the audit, with npm itself, against a registry on this machine. */
async function audited(
  answer: RequestListener,
  folder = projectFolder,
): Promise<{ code: number | null; output: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const env = { ...process.env, npm_config_registry: registry, npm_config_fetch_retries: "0" };
    const child = spawn("npm", ["run", "--silent", "audit"], { cwd: folder, env });
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
    assert.match(output, /^\.: the signatures of its packages were not checked: /m);
  });

  it("reports packages that are not installed, whose signatures npm does not check", async () => {
    const { folder } = new ProjectCopy(join(temporaryFolder("audit-"), "project"));
    const { code, output } = await audited((_request, response) => response.writeHead(405).end(), folder);
    assert.equal(code, 0, output);
    assert.match(output, /^app: the signatures .* not checked: they are not installed\. Run npm ci .*--prefix app$/m);
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

  it("names a package whose signature or provenance does not fit, or that has none", () => {
    const one = (name: string, code?: string) => ({ name, version: "1.0.0", code });
    const answer: unknown = {
      invalid: [one("tar", "EINTEGRITYSIGNATURE"), one("yaml", "EATTESTATIONVERIFY")],
      missing: [one("sharp")],
    };
    assert.ok(isSignatures(answer));
    assert.deepEqual(signatureProblems(answer), [
      "tar 1.0.0: the registry's signature does not fit the package",
      "yaml 1.0.0: the provenance does not fit the package",
      "sharp 1.0.0: no signature, and its registry signs packages",
    ]);
  });

  it("says why npm could not check, in words of its own where npm's name another cause", () => {
    const without = "found no dependencies to audit that were installed from a supported registry";
    assert.equal(reasonIn({ error: { summary: without } }), "the registry publishes no keys");
    assert.equal(reasonIn({ error: { code: "ENOTFOUND", summary: "" } }), "ENOTFOUND");
    assert.equal(reasonIn(undefined), "npm printed no JSON");
  });
});
