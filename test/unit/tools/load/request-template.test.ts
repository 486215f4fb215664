import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../../tools/cli/user-error";
import { askedRequest, usage } from "../../../../tools/load/arguments";
import { requestTemplates, sentOf } from "../../../../tools/load/request-template";
import type { RequestTemplate } from "../../../../tools/load/requests";
import { temporaryFolder } from "../../../support/folder";

const plain = ({ body, ...others }: RequestTemplate) => ({
  ...others,
  ...(body && { type: body.type, body: body.bytes.toString("latin1") }),
});

describe("requestTemplates", () => {
  const folder = temporaryFolder("requests");
  const write = (name: string, content: string | Buffer) => {
    const file = join(folder, name);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const built = async (given: Parameters<typeof askedRequest>[0]) =>
    (await requestTemplates(askedRequest(given).request)).map(plain);

  it("are photos to POST /predict without any option", async () => {
    const photos = await requestTemplates(askedRequest({ header: ["x-api-key: k"] }).request);
    assert.ok(photos.length > 1);
    for (const { method, path, body } of photos) {
      assert.deepEqual([method, path], ["POST", "/predict"]);
      assert.match(body?.type ?? "", /^image\//);
    }
  });

  it("send --body as JSON, or as --type or the content-type header says", async () => {
    const path = "/v1/predict";
    assert.deepEqual(await built({ path, body: "{}" }), [
      { method: "POST", path, type: "application/json", body: "{}" },
    ]);
    assert.equal((await built({ body: "a,b", type: "text/csv" }))[0]?.type, "text/csv");
    const header = ["Content-Type: text/csv", "x-user: 7"];
    assert.equal((await built({ body: "a,b", header }))[0]?.type, "text/csv");
    assert.deepEqual(askedRequest({ body: "a", header }).headers, { "x-user": "7" });
  });

  it("send GET without a body, and --method if it is given", async () => {
    assert.deepEqual(await built({ path: "/v1" }), [{ method: "GET", path: "/v1" }]);
    assert.equal((await built({ path: "/v1", method: "DELETE" }))[0]?.method, "DELETE");
    assert.equal((await built({ body: "{}", method: "PUT" }))[0]?.method, "PUT");
  });

  it("send --file with the type of its ending, byte for byte", async () => {
    const bytes = Buffer.from([0, 255, 10]);
    const file = write("photo.JPG", bytes);
    assert.deepEqual(await built({ file }), [
      { method: "POST", path: "/predict", type: "image/jpeg", body: bytes.toString("latin1") },
    ]);
    assert.equal((await built({ file, type: "application/x-image" }))[0]?.type, "application/x-image");
  });

  it("send --form as multipart, with text and files", async () => {
    const file = write("talk.wav", "sound");
    const [sent] = await requestTemplates({ form: ["model=whisper=1", `file=@${file}`] });
    assert.ok(sent?.body);
    const { type, bytes } = sent.body;
    const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } }).formData();
    assert.equal(form.get("model"), "whisper=1");
    const part = form.get("file") as File;
    assert.deepEqual([part.name, part.type, await part.text()], ["talk.wav", "audio/wav", "sound"]);
  });

  it("send each file of --requests, in the order of the names, and whole requests from *.request.json", async () => {
    const samples = join(folder, "samples");
    write("samples/b.json", '{"b": 1}');
    write("samples/a.png", "png");
    write("samples/.hidden", "");
    const whole = { method: "PUT", path: "/v2", headers: { "x-user": "7", "content-type": "text/csv" }, body: "a,b" };
    write("samples/c.request.json", JSON.stringify(whole));
    write("samples/d.request.json", JSON.stringify({ body: { x: [1, 2] } }));
    write("samples/e.request.json", JSON.stringify({ path: "/v3" }));
    assert.deepEqual(await built({ requests: samples, path: "/v1" }), [
      { method: "POST", path: "/v1", type: "image/png", body: "png" },
      { method: "POST", path: "/v1", type: "application/json", body: '{"b": 1}' },
      { method: "PUT", path: "/v2", headers: { "x-user": "7" }, type: "text/csv", body: "a,b" },
      { method: "POST", path: "/v1", headers: {}, type: "application/json", body: '{"x":[1,2]}' },
      { method: "GET", path: "/v3", headers: {} },
    ]);
  });

  const refusals: [string, () => Parameters<typeof askedRequest>[0], RegExp][] = [
    ["a missing file", () => ({ file: join(folder, "none.jpg") }), /none\.jpg cannot be read: ENOENT/],
    ["an unknown ending", () => ({ file: write("a.xyz", "") }), /a\.xyz: its ending has no known type\. Add --type/],
    ["a form without a name", () => ({ form: ["@photo.jpg"] }), /--form is @photo\.jpg; expected name=value or/],
    ["a missing folder", () => ({ requests: join(folder, "none") }), /--requests is .*none: ENOENT/],
    ["an empty folder", () => ({ requests: join(write("empty/.keep", ""), "..") }), /empty.*, which has no files/],
  ];
  const wholes: [string, string, RegExp][] = [
    ["no JSON", "{", /x\.request\.json: .*JSON/],
    ["a list", "[]", /x\.request\.json: expected an object with method, path, headers, body/],
    ["an unknown field", '{"url": "x"}', /x\.request\.json: unknown field url; expected method, path/],
    ["a method in small letters", '{"method": "post"}', /x\.request\.json: method: expected one such as POST/],
    ["a relative path", '{"path": "v1"}', /x\.request\.json: path: expected one such as \/v1\/predict/],
    ["headers with numbers", '{"headers": {"a": 1}}', /x\.request\.json: headers: expected names with text/],
  ];
  for (const [what, content, message] of wholes) {
    const given = () => ({ requests: join(write(`${what}/x.request.json`, content), "..") });
    refusals.push([`a request file with ${what}`, given, message]);
  }
  for (const [what, given, message] of refusals)
    it(`refuse ${what} in a sentence`, () =>
      assert.rejects(built(given()), (error) => error instanceof UserError && message.test(error.message)));
});

describe("sentOf", () => {
  it("describes the requests without headers, bodies, query and boundary", () => {
    const body = (text: string) => ({ type: "multipart/form-data; boundary=x", bytes: Buffer.from(text) });
    const templates = [
      { method: "POST", path: "/v1?key=secret", headers: { authorization: "secret" }, body: body("abc") },
      { method: "POST", path: "/v2", body: body("a") },
    ];
    assert.deepEqual(sentOf(templates, 7), {
      method: "POST",
      path: "/v1",
      type: "multipart/form-data",
      bytes: 2,
      of: 2,
      answerBytes: 7,
    });
    assert.deepEqual(Object.keys(sentOf([{ method: "GET", path: "/" }], 7)), [
      "method",
      "path",
      "bytes",
      "of",
      "answerBytes",
    ]);
  });
});

describe("the usage of npm run load", () => {
  it("fits a terminal of 80 columns", () =>
    assert.deepEqual(
      usage.split("\n").filter((line) => line.length > 80),
      [],
    ));
});
