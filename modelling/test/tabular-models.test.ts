import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { tabularFolder, tabularModels } from "../tabular-models";

describe("the models of app's tests", () => {
  it("are the files that npm run tabular writes, and no others", () => {
    const models = tabularModels();
    assert.deepEqual(readdirSync(tabularFolder).sort(), [...models.keys()].sort());
    for (const [file, bytes] of models) assert.ok(readFileSync(path.join(tabularFolder, file)).equals(bytes), file);
  });
});
