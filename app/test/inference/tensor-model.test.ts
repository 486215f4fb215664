import assert from "node:assert/strict";
import { type Answer, classify, photo } from "../support/classify";
import { backends, skipWithoutLibrary } from "../support/openvino";
import { ServerProcess } from "../support/server-process";
import { type TabularOptions, writeTabularModel } from "../support/tabular-model";

for (const { backend, variables } of backends) {
  describe(`a model of numbers in ${backend}`, () => {
    let server: ServerProcess;
    before(function () {
      skipWithoutLibrary(this, backend);
    });
    afterEach(() => server?.stop());

    const serve = (options?: TabularOptions) =>
      ServerProcess.ready({ ...variables, MODEL_URI: writeTabularModel(options) });

    const ask = async (features: unknown) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${await server.url()}/predict`, {
        method: "POST",
        headers,
        body: JSON.stringify({ features }),
      });
      return { status: response.status, answer: (await response.json()) as Answer };
    };

    it("answers its output, and refuses what it does not take", async () => {
      server = await serve();
      const { status, answer } = await ask([1, 2, 3, 4]);
      assert.equal(status, 200);
      assert.deepEqual(answer.prediction, [10, 20, 30]);
      assert.equal(answer.model_version, "2.1");
      assert.equal((await fetch(`${await server.url()}/`)).status, 404);
      for (const wrong of [[1, 2, 3], [1, 2, 3, "4"], "1234", undefined]) {
        const refused = await ask(wrong);
        assert.equal(refused.status, 400);
        assert.match(refused.answer.error, /expected an array of 4 numbers/);
      }
      assert.equal((await classify(`${await server.url()}/predict`, photo("chelsea.png"))).status, 415);
    });

    it("answers a label when it has labels", async () => {
      server = await serve({ labels: ["low", "middle", "high"] });
      assert.equal((await ask([1, 1, 1, 1])).answer.prediction, "high");
      assert.equal((await ask([-1, -1, -1, -1])).answer.prediction, "low");
    });

    it("answers the output the manifest names, integers too", async () => {
      server = await serve({ manifest: { outputName: "best" } });
      assert.equal((await ask([1, 1, 1, 1])).answer.prediction, 2);
    });

    it("answers many callers at once when it was exported with a fixed batch of one", async () => {
      server = await serve({ model: "batch-of-1" });
      const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((value) => ask([value, 0, 0, 0])));
      assert.deepEqual(
        answers.map(({ answer }) => (answer.prediction as number[])[0]),
        [1, 2, 3, 4, 5, 6],
      );
    });
  });
}
