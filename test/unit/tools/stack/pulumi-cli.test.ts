import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { askPulumi } from "../../../../tools/stack/pulumi-cli";
import { temporaryFolder } from "../../../support/folder";

describe("askPulumi", () => {
  const { PATH } = process.env;
  const folder = temporaryFolder("pulumi-cli");

  after(() => {
    process.env.PATH = PATH;
  });

  for (const [printed, expected] of [
    ["error: no stack named 'dev' found", /^Error: There is no stack named dev\. Create it: pulumi stack init dev$/],
    ["error: no credentials", /^Error: pulumi stack export failed:\nerror: no credentials$/],
  ] as const) {
    it(`reports ${printed}`, async () => {
      writeFileSync(join(folder, "pulumi"), `#!/bin/sh\necho "${printed}" >&2\nexit 255\n`, { mode: 0o755 });
      process.env.PATH = [folder, PATH].join(delimiter);
      await assert.rejects(askPulumi(["stack", "export"]), expected);
    });
  }
});
