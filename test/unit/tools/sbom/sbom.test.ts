import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { imageBom, programBom } from "../../../../tools/sbom/bom";
import { byLicence, isAllowed, refusedLicences } from "../../../../tools/sbom/licences";
import { openvinoParts, openvinoWheel } from "../../../../tools/sbom/openvino";
import { imageFiles, imagePackages, programPackages } from "../../../../tools/sbom/shipped";
import { projectFolder } from "../../../../tools/stack/file";
import { temporaryFolder } from "../../../support/folder";

interface Component {
  readonly "bom-ref"?: string;
  readonly type: string;
  readonly name: string;
  readonly licenses: readonly object[];
  readonly components?: readonly Component[];
}

interface Bom {
  readonly $schema: string;
  readonly specVersion: string;
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component: { readonly type: string } };
  readonly components: readonly Component[];
  readonly dependencies: readonly { ref: string; dependsOn: readonly string[] }[];
}

describe("Licences", () => {
  it("of everything shipped are allowed", () =>
    assert.deepEqual(
      refusedLicences([...programPackages(), ...imagePackages("openvino"), ...openvinoParts(), ...imageFiles()]),
      [],
    ));

  it("of another version of OpenVINO, or of one more library, are refused until someone reads them", () => {
    const wheel = openvinoWheel();
    const refused = (changed: Partial<typeof wheel>) => refusedLicences(openvinoParts({ ...wheel, ...changed }));
    assert.deepEqual(
      refused({ version: "2027.0.0" }).map(({ name }) => name),
      ["openvino"],
    );
    assert.deepEqual(
      refused({ libraries: [...wheel.libraries, "made_up"] }).map(({ name }) => name),
      ["made_up"],
    );
  });

  for (const [expression, allowed] of [
    ["MIT", true],
    ["GPL-3.0-or-later", false],
    ["(MIT OR GPL-3.0-or-later)", true],
    ["MIT AND GPL-3.0-or-later", false],
    ["none declared", false],
    ["SEE LICENSE IN LICENSE", false],
  ] as const) {
    it(`${expression} is ${allowed ? "allowed" : "refused"}`, () => assert.equal(isAllowed(expression), allowed));
  }

  it("are counted, the most frequent first", () => {
    const shipped = ["ISC", "MIT", "MIT"].map((licence, index) => ({ name: `p${index}`, licence }));
    assert.deepEqual(
      byLicence(shipped).map(([licence, those]) => [licence, those.length]),
      [
        ["MIT", 2],
        ["ISC", 1],
      ],
    );
  });
});

describe("What is shipped", () => {
  it("in the image is for Linux with glibc, on both architectures", () => {
    const names = imagePackages("onnxruntime").map(({ name }) => name);
    assert.ok(names.includes("@img/sharp-linux-x64") && names.includes("@img/sharp-linux-arm64"), names.join());
    assert.deepEqual(
      names.filter((name) => /win32|darwin|musl|ppc64/.test(name)),
      [],
    );
    assert.equal(names.includes("mocha"), false, "a development tool");
  });

  it("beside packages is the model, its labels and three photos, each with its licence", () =>
    assert.deepEqual(
      imageFiles().map(({ name, licence }) => `${name}: ${licence}`),
      [
        "models/efficientnet-lite0/labels: MIT",
        "models/efficientnet-lite0/model: Apache-2.0",
        "photos/goldfish.webp: public domain",
        "photos/kitten.webp: public domain",
        "photos/panda.webp: public domain",
      ],
    ));
});

describe("npm run sbom", function () {
  // npm reads a lockfile in a second or two; its own limit ends it.
  this.timeout(400_000);

  it("writes both files and prints the licences", () => {
    const out = join(temporaryFolder("sbom"), "new");
    const command = ["-r", "ts-node/register", "tools/sbom/main.ts", "--out", out, "--list"];
    const { stdout, stderr, status } = spawnSync("node", command, { cwd: projectFolder, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ {2}Apache-2\.0: \d+\n( {4}\S+ .*\n)* {4}@pulumi\/aws \d/m);
    for (const part of ["program", "image"]) assert.ok(existsSync(join(out, `${part}.cdx.json`)), part);
  });

  it("writes the packages of the program, the same text each time", () => {
    const text = programBom();
    const { $schema, specVersion, serialNumber, metadata, components } = JSON.parse(text) as Bom;
    assert.deepEqual([$schema, specVersion], ["http://cyclonedx.org/schema/bom-1.6.schema.json", "1.6"]);
    assert.deepEqual([serialNumber, metadata.timestamp], [undefined, undefined]);
    assert.ok(components.some(({ name }) => name === "@pulumi/aws"));
    assert.equal(programBom(), text);
  });

  it("writes packages, models and photos of the image, and no reference to what it leaves out", () => {
    const { metadata, components, dependencies } = JSON.parse(imageBom(undefined, "onnxruntime")) as Bom;
    assert.equal(metadata.component.type, "container");
    assert.deepEqual(
      components.filter(({ type }) => type === "machine-learning-model").map(({ name, licenses }) => [name, licenses]),
      [["models/efficientnet-lite0/model", [{ license: { id: "Apache-2.0" } }]]],
    );
    const missing = dependencies
      .flatMap(({ ref, dependsOn }) => [ref, ...dependsOn])
      .filter((ref) => /win32|darwin/.test(ref));
    assert.deepEqual(missing, []);
    assert.deepEqual(
      components.map(({ name }) => name).filter((name) => /openvino|tbb|koffi/i.test(name)),
      [],
    );
  });

  it("writes what RUNTIME=openvino adds: the wheel, its libraries, what they contain, and koffi", () => {
    const out = temporaryFolder("sbom");
    const command = ["-r", "ts-node/register", "tools/sbom/main.ts", "--out", out, "--runtime", "openvino", "--list"];
    const { stdout, stderr, status } = spawnSync("node", command, { cwd: projectFolder, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ {4}oneTBB /m);
    const { components } = JSON.parse(readFileSync(join(out, "image.cdx.json"), "utf8")) as Bom;
    for (const name of ["koffi", "@koromix/koffi-linux-x64"]) assert.ok(components.some((one) => one.name === name));
    const [requirement = ""] = readFileSync(join(projectFolder, "app/openvino/requirements.txt"), "utf8").split("\n");
    const [, version, sha256] = /^openvino==(.*) --hash=sha256:(.*)$/.exec(requirement) ?? [];
    const { components: parts = [], ...wheel } = components.find(({ name }) => name === "openvino") ?? assert.fail();
    assert.deepEqual(wheel, {
      ...{ type: "library", name: "openvino", version, licenses: [{ license: { id: "Apache-2.0" } }] },
      ...{ purl: `pkg:pypi/openvino@${version}`, "bom-ref": `pkg:pypi/openvino@${version}` },
      hashes: [{ alg: "SHA-256", content: sha256 }],
    });
    const files = ["openvino", "openvino_c", "openvino_intel_cpu_plugin", "openvino_onnx_frontend", "tbb"];
    assert.deepEqual(
      parts.filter(({ type }) => type === "file").map(({ name }) => name),
      files.map((name) => `openvino/lib/lib${name}.so`),
    );
    const onednn = parts.find(({ name }) => name === "oneDNN");
    assert.deepEqual(onednn?.licenses, [{ license: { id: "Apache-2.0" } }]);
  });

  it("names a runtime that does not exist", () => {
    const command = [
      "-r",
      "ts-node/register",
      "tools/sbom/main.ts",
      "--out",
      temporaryFolder("sbom"),
      "--runtime",
      "x",
    ];
    const { stderr, status } = spawnSync("node", command, { cwd: projectFolder, encoding: "utf8" });
    assert.deepEqual([status, stderr.includes("--runtime is x; expected onnxruntime or openvino")], [1, true], stderr);
  });

  it("names an image that Docker does not know", () =>
    assert.throws(
      () => imageBom("nobody/has-this:1", "onnxruntime"),
      /docker could not list the packages of nobody\/has-this:1: /,
    ));
});
