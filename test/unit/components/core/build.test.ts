import assert from "node:assert/strict";
import { type Build, buildArgsOf, buildOf, secretSource } from "../../../../components/core/build";
import { withFolder } from "../../../support/folder";

const origin = { VERSION: "1.2.3", REVISION: "0a1b2c" };

const argsOf = (dockerfile: string, own: Partial<Build> = {}) =>
  withFolder({ Dockerfile: dockerfile }, (folder) => buildArgsOf({ ...buildOf(folder), ...own }, origin));

describe("buildArgsOf", () => {
  const asks = "FROM a\nARG VERSION=dev REVISION\n  arg BUILD=unknown\n";

  it("adds the origin for a Dockerfile that declares all its arguments", () => assert.deepEqual(argsOf(asks), origin));

  it("adds nothing that the Dockerfile does not declare: BuildKit would warn", () =>
    assert.deepEqual(argsOf("FROM a\n# ARG VERSION REVISION BUILD\n"), {}));

  it("leaves a VERSION of something else alone", () =>
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's variable
    assert.deepEqual(argsOf("ARG VERSION=3.12\nFROM python:${VERSION}\n"), {}));

  it("prefers the arguments of the settings", () =>
    assert.deepEqual(argsOf(asks, { args: { VERSION: "mine", A: "1" } }), { ...origin, VERSION: "mine", A: "1" }));

  it("reads the Dockerfile that is built", () =>
    withFolder({ Dockerfile: "FROM a", "docker/Dockerfile": asks }, (folder) =>
      assert.deepEqual(buildArgsOf({ ...buildOf(folder), dockerfile: "docker/Dockerfile" }, origin), origin),
    ));
});

describe("secretSource", () => {
  for (const [text, source] of [
    ["PIP_TOKEN", { env: "PIP_TOKEN" }],
    ["./token", { src: "./token" }],
    [".npmrc", { src: ".npmrc" }],
    ["/run/secrets/token", { src: "/run/secrets/token" }],
  ] as const) {
    it(`is ${JSON.stringify(source)} for ${text}`, () => assert.deepEqual(secretSource(text), source));
  }
});
