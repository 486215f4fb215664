import assert from "node:assert/strict";
import { ok, problem, warning } from "../../../../tools/check-image/finding";
import { conclusion, linesOf } from "../../../../tools/check-image/report";
import { asYaml, suggestionsOf } from "../../../../tools/check-image/suggestions";

const findings = [
  ok("fastapi, from --preset.", { "container.preset": "fastapi" }),
  problem("It listens on port 9000.", { "container.port": 9000, "container.writablePaths": ["/tmp"] }),
  warning("It writes.", { "container.writablePaths": ["/tmp", "/cache"], memory: 2048 }),
];

describe("npm run check-image: its report", () => {
  it("joins lists of one key and keeps the last of other values", () =>
    assert.deepEqual(suggestionsOf(findings), [
      { key: "container.preset", value: "fastapi" },
      { key: "container.port", value: 9000 },
      { key: "container.writablePaths", value: ["/tmp", "/cache"] },
      { key: "memory", value: 2048 },
    ]));

  it("prints the keys as a stack file has them", () =>
    assert.equal(
      asYaml(suggestionsOf(findings)),
      "container:\n  preset: fastapi\n  port: 9000\n  writablePaths:\n    - /tmp\n    - /cache\nmemory: 2048",
    ));

  it("fits 80 columns, with the key below the text", () => {
    const lines = linesOf("port", problem("It listens on port 9000, and container.port is 8080. ".repeat(3), { a: 1 }));
    assert.ok(lines.every((line) => line.length <= 80));
    assert.match(lines[0] ?? "", /^problem {6}port {8}It listens/);
    assert.equal(lines.at(-1)?.trim(), "Set a: 1");
  });

  it("counts the verdicts and names the file", () => {
    const suggestions = suggestionsOf(findings.slice(0, 1));
    const text = conclusion(findings, suggestions, { stack: "dev", written: false });
    assert.match(
      text,
      /^1 problem, 1 warning, 0 not checked\.\nSet in Pulumi\.dev\.yaml, under config:\n {2}container:/,
    );
    assert.match(
      conclusion(findings, suggestions, { stack: "dev", written: true }),
      /\nWrote into Pulumi\.dev\.yaml:\n/,
    );
    assert.match(conclusion([], [], { written: false }), /No key to set\.$/);
  });

  it("counts the problems that no key fixes", () => {
    const text = (...found: Parameters<typeof conclusion>[0]) =>
      conclusion(found, suggestionsOf(findings), { stack: "dev", written: true });
    assert.doesNotMatch(text(...findings), /No key fixes/);
    assert.match(
      text(...findings, problem("It still runs 91 s after SIGTERM.")),
      /\nNo key fixes 1 problem above: change the container, then check it again\.$/,
    );
  });
});
