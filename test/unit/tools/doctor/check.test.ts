import assert from "node:assert/strict";
import { diagnose, linesOfDiagnosis, ok, problem } from "../../../../tools/doctor/check";

describe("doctor, a check", () => {
  const run = (body: () => Promise<ReturnType<typeof ok>[]>, limitSeconds = 5) =>
    diagnose({ name: "a check", run: body }, limitSeconds);

  it("ends at its limit, and at its own error", async () => {
    assert.deepEqual(await run(async () => [ok("fine.")]), [ok("fine.")]);
    const [late] = await run(() => new Promise(() => {}), 0.01);
    assert.deepEqual([late?.verdict, late?.text], ["not checked", "No answer in 0.01 s."]);
    const [failed] = await run(() => Promise.reject(new Error("no such file")));
    assert.deepEqual([failed?.verdict, failed?.text], ["not checked", "no such file"]);
  });

  it("is printed in 80 columns, its command as a shell reads it", () => {
    const command = `aws service-quotas request-service-quota-increase ${"--option value ".repeat(6).trim()}`;
    const lines = linesOfDiagnosis(
      "quotas",
      problem("VPCs: 5 of 5 in use; with this stack 6. ".repeat(3).trim(), command),
    );
    assert.ok(
      lines.every((line) => line.length <= 80),
      lines.join("\n"),
    );
    assert.match(String(lines[0]), /^problem {6}quotas {6}VPCs: 5 of 5/);
    const shown = lines.slice(lines.findIndex((line) => line.startsWith("    aws")));
    assert.equal(
      shown
        .join("\n")
        .replace(/ \\\n +/g, " ")
        .trim(),
      command,
    );
  });
});
