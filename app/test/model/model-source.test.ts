import assert from "node:assert/strict";
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FatalError } from "../../src/fatal-error";
import { locateModel } from "../../src/model/model-source";
import { parseAddress } from "../../src/model/s3-model";
import { FakeS3 } from "../support/fake-s3";
import { temporaryFolder } from "../support/folder";
import { writeTabularModel } from "../support/tabular-model";

const shipped = path.join(__dirname, "..", "..", "models", "efficientnet-lite0");
const fatal = (message: RegExp) => (error: Error) => {
  assert.ok(error instanceof FatalError, String(error));
  assert.match(error.message, message);
  return true;
};

describe("locateModel on disk", () => {
  it("takes a folder, fp32 unless int8 is asked for", async () => {
    assert.equal((await locateModel(shipped, undefined)).precision, "fp32");
    const { precision, file, labels } = await locateModel(shipped, "int8");
    assert.deepEqual([precision, file.file, labels?.length], ["int8", "efficientnet-lite0-int8.onnx", 1000]);
  });

  it("takes one file of a folder, which says the precision", async () => {
    const file = path.join(shipped, "efficientnet-lite0-int8.onnx");
    assert.equal((await locateModel(file, undefined)).precision, "int8");
    await assert.rejects(
      locateModel(file, "fp32"),
      fatal(/MODEL_PRECISION is fp32, but .* is the int8 file; set only one/),
    );
  });

  it("refuses a precision or a file that the manifest does not have", async () => {
    const folder = writeTabularModel();
    await assert.rejects(
      locateModel(folder, "int8"),
      fatal(/MODEL_PRECISION int8 is not in .* it has fp32 \(model\.onnx\)/),
    );
    writeFileSync(path.join(folder, "other.onnx"), "");
    await assert.rejects(
      locateModel(path.join(folder, "other.onnx"), undefined),
      fatal(/other\.onnx is not in the manifest/),
    );
  });

  it("refuses a file whose checksum is not the manifest's, labels too", async () => {
    for (const file of ["model.onnx", "labels.txt"]) {
      const folder = writeTabularModel({ labels: ["a", "b", "c"] });
      appendFileSync(path.join(folder, file), "x");
      await assert.rejects(
        locateModel(folder, undefined),
        fatal(new RegExp(`${file} has sha256 [0-9a-f]{64}; its manifest states`)),
      );
    }
  });

  it("refuses a folder whose file is missing", async () => {
    const folder = writeTabularModel();
    rmSync(path.join(folder, "model.onnx"));
    await assert.rejects(locateModel(folder, undefined), fatal(/model\.onnx cannot be read: ENOENT/));
  });
});

describe("locateModel from S3", () => {
  const { TMPDIR } = process.env;
  let variables: Record<string, string>;
  let s3: FakeS3;
  let folder: string;

  beforeEach(async () => {
    s3 = new FakeS3();
    variables = { ...(await s3.start()), TMPDIR: temporaryFolder("s3") };
    Object.assign(process.env, variables);
    folder = writeTabularModel({ labels: ["a", "b", "c"] });
    put("weights/");
  });
  afterEach(() => {
    s3.stop();
    for (const name of Object.keys(variables)) delete process.env[name];
    if (TMPDIR) process.env.TMPDIR = TMPDIR;
  });

  function put(prefix: string, suffix = ""): void {
    for (const file of readdirSync(folder))
      s3.objects.set(prefix + file + suffix, readFileSync(path.join(folder, file)));
  }
  const locate = (uri = "s3://bucket/weights") => locateModel(uri, undefined);
  const modelBytes = () => readFileSync(path.join(folder, "model.onnx"));

  it("downloads the manifest, the weights and the labels", async () => {
    const source = await locate();
    assert.deepEqual(readFileSync(path.join(source.folder, "model.onnx")), modelBytes());
    assert.deepEqual(source.labels, ["a", "b", "c"]);
    assert.deepEqual(s3.asked, ["weights/manifest.json", "weights/model.onnx", "weights/labels.txt"]);
  });

  it("downloads the weights of one precision only", async () => {
    const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8"));
    cpSync(path.join(folder, "model.onnx"), path.join(folder, "model-int8.onnx"));
    manifest.files.int8 = { ...manifest.files.fp32, file: "model-int8.onnx" };
    writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(manifest));
    put("weights/");
    assert.equal((await locateModel("s3://bucket/weights", "int8")).file.file, "model-int8.onnx");
    assert.ok(!s3.asked.includes("weights/model.onnx"));
  });

  it("does not download again a file that is complete", async () => {
    await locate();
    s3.asked.length = 0;
    await locate();
    assert.deepEqual(s3.asked, ["weights/manifest.json"]);
  });

  it("resumes a broken download where it stopped", async () => {
    s3.troubles.push({ key: "model.onnx", breakAfter: 100 }, { key: "model.onnx", breakAfter: 50 });
    const source = await locate();
    assert.deepEqual(readFileSync(path.join(source.folder, "model.onnx")), modelBytes());
    const asked = s3.asked.filter((one) => one.startsWith("weights/model.onnx"));
    assert.deepEqual(asked, ["weights/model.onnx", "weights/model.onnx bytes=100-", "weights/model.onnx bytes=150-"]);
  });

  it("resumes what an earlier run of the container left behind", async () => {
    const { folder: target } = await locate();
    rmSync(path.join(target, "model.onnx"));
    writeFileSync(path.join(target, "model.onnx.part"), modelBytes().subarray(0, 70));
    await locate();
    assert.equal(s3.asked.filter((one) => one === "weights/model.onnx bytes=70-").length, 1);
  });

  it("starts over when what was left behind belongs to another version", async () => {
    const { folder: target } = await locate();
    for (const leftover of [Buffer.alloc(70), Buffer.alloc(1e6)]) {
      rmSync(path.join(target, "model.onnx"));
      writeFileSync(path.join(target, "model.onnx.part"), leftover);
      await locate();
      assert.deepEqual(readFileSync(path.join(target, "model.onnx")), modelBytes());
    }
  });

  it("retries when S3 answers with an error of its own", async () => {
    s3.troubles.push(
      { key: "manifest.json", refuse: [503, "SlowDown"] },
      { key: "model.onnx", refuse: [500, "InternalError"] },
    );
    assert.equal((await locate()).manifest.name, "tabular");
  });

  it("gives up after five attempts in a row without a new byte", async () => {
    for (let attempt = 0; attempt < 9; attempt++) s3.troubles.push({ key: "model.onnx", refuse: [503, "SlowDown"] });
    await assert.rejects(locate(), fatal(/^s3:\/\/bucket\/weights\/model\.onnx cannot be read: SlowDown/));
    assert.equal(s3.asked.filter((one) => one === "weights/model.onnx").length, 5);
  });

  it("refuses weights whose checksum is not the manifest's, and keeps nothing of them", async () => {
    s3.objects.set("weights/model.onnx", Buffer.from("other weights"));
    await assert.rejects(locate(), fatal(/^s3:\/\/bucket\/weights\/model\.onnx has sha256 .*; its manifest states/));
    const [kept] = readdirSync(String(process.env.TMPDIR));
    assert.ok(!existsSync(path.join(String(process.env.TMPDIR), kept ?? "", "model.onnx.part")));
  });

  for (const [code, status, message] of [
    ["NoSuchKey", 404, /manifest\.json cannot be read: there is no such object$/],
    ["NoSuchBucket", 404, /there is no such bucket$/],
    ["AccessDenied", 403, /access denied: the role lacks s3:GetObject, or the object does not exist/],
  ] as const) {
    it(`says at once what ${code} means`, async () => {
      s3.troubles.push({ key: "manifest.json", refuse: [status, code] });
      await assert.rejects(locate(), fatal(message));
      assert.equal(s3.asked.length, 1);
    });
  }

  it("pins the manifest to the version asked for", async () => {
    s3.objects.set("weights/manifest.json@v7", readFileSync(path.join(folder, "manifest.json")));
    s3.objects.set("weights/manifest.json", Buffer.from("a newer one, unreadable"));
    await locate("s3://bucket/weights?versionId=v7");
    assert.equal(s3.asked[0], "weights/manifest.json @v7");
    await assert.rejects(
      locate("s3://bucket/weights?versionId=v8"),
      fatal(/manifest\.json \(version v8\) cannot be read: there is no such object/),
    );
  });

  it("pins the file to the version asked for when the URI names one", async () => {
    s3.objects.set("weights/model.onnx@v7", modelBytes());
    s3.objects.set("weights/model.onnx", Buffer.from("newer"));
    await locate("s3://bucket/weights/model.onnx?versionId=v7");
    assert.deepEqual(s3.asked.slice(0, 2), ["weights/manifest.json", "weights/model.onnx @v7"]);
  });
});

describe("parseAddress", () => {
  it("reads bucket, prefix, file and version", () => {
    assert.deepEqual(parseAddress("s3://my-bucket"), { bucket: "my-bucket", prefix: "", onnxFile: undefined });
    assert.deepEqual(parseAddress("s3://b.c.d/x/y/"), { bucket: "b.c.d", prefix: "x/y/", onnxFile: undefined });
    assert.deepEqual(parseAddress("s3://bucket/x/m.onnx?versionId=a%2Bb"), {
      bucket: "bucket",
      prefix: "x/",
      onnxFile: "m.onnx",
      versionId: "a+b",
    });
  });

  it("refuses what is not an S3 URI", () => {
    for (const uri of ["s3://", "s3://UPPER/x", "s3://bucket/x?version=1"]) {
      assert.throws(() => parseAddress(uri), fatal(/expected s3:\/\/bucket\/prefix/));
    }
  });
});
