import assert from "node:assert/strict";
import fc from "fast-check";
import { rootName, shortName } from "../../../../components/core/short-name";

describe("shortName", () => {
  it("keeps a valid name", () => {
    assert.equal(shortName("inference-dev", 20), "inference-dev");
    assert.equal(shortName("a".repeat(20), 20), "a".repeat(20));
    assert.equal(shortName("Inference_Dev", 20, "identifier"), "Inference_Dev");
  });

  it("cuts a longer text and appends a hash of the whole text", () =>
    assert.match(shortName("a-project-of-many-words", 20), /^a-project-of-[0-9a-f]{6}$/));

  it("is the same on every update, and differs for similar texts", () => {
    const texts = [
      "a-project-of-many-words",
      "a-project-of-many-wordt",
      "a_project_of_many_words",
      "A-project-of-many-words",
    ];
    const names = texts.map((text) => shortName(text, 20));
    assert.deepEqual(
      names,
      texts.map((text) => shortName(text, 20)),
    );
    assert.equal(new Set(names).size, texts.length);
  });

  for (const [text, start] of Object.entries({
    "My.Models": "my-models-",
    my_models: "my-models-",
    "3d-models": "d-models-",
    "internal-models": "models-",
    internal: "x-",
    "2026": "x-",
    "a--b-": "a-b-",
  })) {
    it(`writes ${text} as a label that AWS takes`, () =>
      assert.match(shortName(text, 20), new RegExp(`^${start}[0-9a-f]{6}$`)));
  }

  it("writes a stack with dots as an identifier", () =>
    assert.match(shortName("inference-v1.2", 63, "identifier"), /^inference-v1-2-[0-9a-f]{6}$/));

  it("fits any name of a project and a stack", () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/), (text) => {
        assert.match(shortName(text, 20), /^(?!internal(-|$))[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
        assert.match(shortName(text, 63, "identifier"), /^[A-Za-z0-9][A-Za-z0-9_-]*$/);
        assert.ok(shortName(text, 20).length <= 20);
        assert.ok(shortName(text, 63, "identifier").length <= 63);
      }),
    ));
});

describe("rootName", () => {
  it("leaves room in a target group's name for the platform and Pulumi's suffix", () =>
    assert.equal(`${rootName("p".repeat(100))}-ecs-1234567`.length, 32));
});
