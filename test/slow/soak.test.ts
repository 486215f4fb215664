import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { projectFolder } from "../../tools/stack/file";

describe("npm run soak", function () {
  this.timeout(180_000);

  it("loses no answer within half a minute of load, kills, slow clients and bad input", () => {
    const command = ["-r", "ts-node/register", "tools/soak/main.ts", "--minutes", "0.5"];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: projectFolder, encoding: "utf8" });
    assert.equal(status, 0, `${stdout}${stderr}`);
    const value = (name: string) => new RegExp(`^${name} +(.*)$`, "m").exec(stdout)?.[1] ?? "";
    assert.deepEqual([value("lost answers"), value("answers that differ")], ["0", "0"]);
    assert.equal(value("workers ended, replaced"), "2, 2");
    for (const row of ["predictions at this load", "predictions of bursts", "/health", "bad requests"])
      assert.match(value(row), /\d+ × \d{3}/, stdout);
    assert.match(value("slow clients, cut off"), /× (408|503)/);
    console.log(stdout.replace(/^/gm, "      "));
  });
});
