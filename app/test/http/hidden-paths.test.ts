import assert from "node:assert/strict";
import { get } from "node:http";
import { FakeModel, listen, serverOf } from "../support/fake-model";

describe("paths a load balancer hides", () => {
  const prefix = "/models/cats";
  const { app } = serverOf(new FakeModel(), { pathPrefix: prefix });
  let port = 0;

  before(async () => {
    port = await listen(app);
  });
  after(() => app.close());

  for (const word of ["metrics", "ready", "ping"]) {
    const encoded = Array.from(word, (letter, at) => {
      return `/${word.slice(0, at)}%${letter.charCodeAt(0).toString(16)}${word.slice(at + 1)}`;
    });
    const spellings = [
      `//${word}`,
      `/${word}/`,
      `/./${word}`,
      `/x/../${word}`,
      `/${word};x`,
      `/${word}%3Fx`,
      `/${word}%00`,
    ];
    const inCases = [`/${word.toUpperCase()}`, `/${word[0]?.toUpperCase()}${word.slice(1)}`];
    const prefixed = [
      `${prefix}//${word}`,
      `/models//cats/${word}`,
      `/models%2Fcats/${word}`,
      `/models/%63ats/${word}`,
    ];

    it(`answer 404 in every spelling of /${word} but its own`, async () => {
      assert.equal(await statusOf(`/${word}`), 200);
      assert.equal(await statusOf(`${prefix}/${word}?x=1`), 200);
      for (const path of [...encoded, ...encoded.map((path) => prefix + path), ...spellings, ...inCases, ...prefixed]) {
        assert.equal(await statusOf(path), 404, path);
      }
      assert.equal(await statusOf(`http://127.0.0.1/${word}`), 404, "absolute form");
    });
  }

  function statusOf(path: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port, path }, (response) => resolve(response.resume().statusCode)).on("error", reject);
    });
  }
});
