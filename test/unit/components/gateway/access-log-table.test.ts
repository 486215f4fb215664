import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../../../tools/stack/file";

const page = readFileSync(join(projectFolder, "docs/operations.md"), "utf8");
const statements = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql = ""]) => sql);
const [table = "", ...queries] = statements;

const columns = (table.match(/access_logs \(([\s\S]*?)\)\nPARTITIONED BY/)?.[1] ?? "")
  .split(",")
  .map((column) => column.trim().split(" ") as [name: string, type: string]);
const expression = table.match(/'input\.regex' =\s+'([^']*)'/)?.[1] ?? "";

/** A line as the table has it: whole lines only, and a column for each group. */
function row(line: string): Readonly<Record<string, string | undefined>> {
  const found = new RegExp(`^(?:${expression})$`).exec(line);
  assert.ok(found, "the expression does not fit the line");
  assert.equal(found.length - 1, columns.length, "a group for each column");
  return Object.fromEntries(columns.map(([name], index) => [name, found[index + 1]]));
}

/** Lines as the load balancer writes them. */
const lines = {
  answered:
    'h2 2026-11-21T17:04:05.123456Z app/inference-1a2b3c4/0123456789abcdef 203.0.113.7:40001 10.0.12.34:8080 0.001 0.065 0.000 200 200 112611 633 "POST https://api.example.com:443/predict HTTP/2.0" "python-requests/2.32.3 (x; y)" TLS_AES_128_GCM_SHA256 TLSv1.3 arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/inference-ecs-0a1b2c3/fedcba9876543210 "Root=1-6920a1b5-0123456789abcdef01234567" "api.example.com" "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef" 45273 2026-11-21T17:04:05.057000Z "forward" "-" "-" "10.0.12.34:8080" "200" "-" "-" TID_0123456789abcdef0123456789abcdef "-" "-" "-"',
  fromSix:
    'https 2026-11-21T17:04:05.123456Z app/inference-1a2b3c4/0123456789abcdef 2001:db8:0:1::7:40001 - -1 -1 -1 503 - 200 300 "GET https://api.example.com:443/version?a=b HTTP/1.1" "-" TLS_AES_128_GCM_SHA256 TLSv1.3 arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/inference-ecs-0a1b2c3/fedcba9876543210 "Root=1-6920a1b5-0123456789abcdef01234567" "api.example.com" "session-reused" 45273 2026-11-21T17:04:05.057000Z "forward" "-" "-" "-" "-" "-" "-" TID_0123456789abcdef0123456789abcdef "-" "-" "-" 10.0.3.4',
  malformed:
    'http 2026-11-21T17:04:05.123456Z app/inference-1a2b3c4/0123456789abcdef 203.0.113.7:40001 - -1 -1 -1 400 - 0 272 "- http://inference-1234567890.us-east-1.elb.amazonaws.com:80- -" "-" - - - "-" "-" "-" - 2026-11-21T17:04:05.057000Z "-" "-" "-" "-" "-" "Severe" "BadMethod" -',
};

describe("The Athena table of access logs", () => {
  it("parses the line of a request that a replica answered", () => {
    const {
      client_ip,
      client_port,
      target_ip,
      target_port,
      seconds_in_target,
      status,
      target_status,
      bytes_in,
      ...rest
    } = row(lines.answered);
    assert.deepEqual([client_ip, client_port, target_ip, target_port], ["203.0.113.7", "40001", "10.0.12.34", "8080"]);
    assert.deepEqual([seconds_in_target, status, target_status, bytes_in], ["0.065", "200", "200", "112611"]);
    assert.deepEqual([rest.verb, rest.url, rest.protocol], ["POST", "https://api.example.com:443/predict", "HTTP/2.0"]);
    assert.deepEqual([rest.user_agent, rest.tls_version], ["python-requests/2.32.3 (x; y)", "TLSv1.3"]);
    assert.match(rest.target_group ?? "", /targetgroup\/inference-ecs/);
    assert.deepEqual([rest.rule_priority, rest.actions, rest.error_reason], ["45273", "forward", "-"]);
    assert.deepEqual([rest.targets, rest.target_statuses], ["10.0.12.34:8080", "200"]);
    assert.deepEqual([rest.connection_id, rest.rewrite_status], ["TID_0123456789abcdef0123456789abcdef", "-"]);
  });

  it("parses the line of an IPv6 caller that no replica answered, with fields that AWS appends", () => {
    const { client_ip, client_port, target_ip, target_port, status, target_status, url } = row(lines.fromSix);
    assert.deepEqual(
      [client_ip, client_port, target_ip, target_port],
      ["2001:db8:0:1::7", "40001", undefined, undefined],
    );
    assert.deepEqual([status, target_status, url], ["503", "-", "https://api.example.com:443/version?a=b"]);
  });

  it("parses the line of a malformed request, without the fields that AWS added later", () => {
    const { verb, protocol, classification, classification_reason, connection_id, new_host } = row(lines.malformed);
    assert.deepEqual([verb, protocol, classification, classification_reason], ["-", "-", "Severe", "BadMethod"]);
    assert.deepEqual([connection_id, new_host], ["-", undefined]);
  });

  it("has numeric types of Athena for numbers", () => {
    const numbers = columns.filter(([, type]) => type !== "string");
    const read = row(lines.answered);
    for (const [name, type] of numbers) assert.ok(!Number.isNaN(Number(read[name])), `${name} ${type}`);
    assert.ok(columns.every(([, type]) => ["string", "int", "bigint", "double"].includes(type)));
    assert.equal(new Set(columns.map(([name]) => name)).size, columns.length);
  });

  it("finds the files of a day in the folder of that day, under the stack's output", () => {
    const [location, template] = [/LOCATION '([^']*)'/, /'storage\.location\.template' = '([^']*)'/].map(
      (one) => table.match(one)?.[1],
    );
    assert.equal(template, `${location}/\${day}`);
    assert.match(table, /'projection\.day\.format' = 'yyyy\/MM\/dd'/);
  });

  it("has the columns that the three queries ask for, each of them for certain days only", () => {
    assert.equal(queries.length, 3);
    const words = new Set(
      "select from where group by order desc limit as and in interval day current_date date_format count count_if sum access_logs".split(
        " ",
      ),
    );
    for (const query of queries) {
      const aliases = [...query.matchAll(/AS (\w+)/g)].map(([, alias]) => alias);
      const names = query.replaceAll(/'[^']*'/g, "").match(/[a-z_]+/gi) ?? [];
      const known = [...words, ...aliases, ...columns.map(([name]) => name)];
      assert.deepEqual(
        names.filter((name) => !known.includes(name.toLowerCase())),
        [],
      );
      assert.match(query, /WHERE day /);
    }
  });
});
