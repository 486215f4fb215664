import assert from "node:assert/strict";
import { partLongBase64, restoreImage } from "../../src/http/long-base64";

const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * index) % 251));

/** The picture as the server finds it in JSON, by the way for long strings if it applies, otherwise by parsing. */
function imageIn(json: string): { image: unknown; isParted: boolean } {
  const parted = partLongBase64(Buffer.from(json));
  const parsed = parted ? restoreImage(JSON.parse(parted.text), parted) : JSON.parse(json);
  const { image } = parsed as { image: unknown };
  return { image: typeof image === "string" ? Buffer.from(image, "base64") : image, isParted: parted !== undefined };
}

describe("partLongBase64", () => {
  for (const length of [200_000, 199_999, 199_998]) {
    it(`decodes ${length} bytes as parsing does`, () => {
      const base64 = bytes.subarray(0, length).toString("base64");
      for (const sent of [base64, base64.replace(/=+$/, "")]) {
        assert.deepEqual(imageIn(JSON.stringify({ image: sent })), {
          image: bytes.subarray(0, length),
          isParted: true,
        });
      }
    });
  }

  const base64 = bytes.toString("base64");
  for (const [what, json, isParted] of [
    ["after another key", `{"top": 5, "note": "a \\" b", "image": "${base64}"}`, true],
    ["before another key", `\n{ "image" : "${base64}", "note": "ä" }`, true],
    ["with line breaks", JSON.stringify({ image: base64.replace(/.{76}/g, "$&\n") }), false],
    ["with escaped slashes", `{"image":"${base64.replace(/\//g, "\\/")}"}`, false],
    ["short", JSON.stringify({ image: base64.slice(0, 1000) }), false],
  ] as const) {
    it(`leaves the picture as it is when it is ${what}`, () => {
      const { image, isParted: was } = imageIn(json);
      assert.equal(was, isParted);
      assert.deepEqual(image, Buffer.from(JSON.parse(json).image, "base64"));
    });
  }

  it("does not take another long string for the picture", () => {
    assert.deepEqual(imageIn(`{"note":"${base64}","image":"QUJD"}`), { image: Buffer.from("ABC"), isParted: true });
    assert.equal(imageIn(`{"note":"${base64}"}`).image, undefined);
    assert.notDeepEqual(imageIn(`{"image":"x\\"${base64}"}`).image, bytes);
  });

  it("leaves invalid JSON invalid", () => {
    for (const json of [`{"image":"${base64}`, `{"image":"${base64}"`, `{"a"${base64}"image":1}`, `"${base64}`]) {
      const parted = partLongBase64(Buffer.from(json));
      assert.throws(() => JSON.parse(parted?.text ?? json), SyntaxError);
    }
  });

  it("gives up soon when there are many short strings", () => {
    const started = performance.now();
    assert.equal(partLongBase64(Buffer.from(`[${'"",'.repeat(3e6)}"${base64}"]`)), undefined);
    assert.ok(performance.now() - started < 500, "it looks at few strings only");
  });
});
