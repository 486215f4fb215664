import assert from "node:assert/strict";
import { type ContainerSettings, containerOf } from "../../../../components/core/container";
import { presetNames } from "../../../../components/core/presets";
import { serviceSpec } from "../../../../components/core/service-spec";
import { settingsOf } from "../../support/settings";

const given = (own: Partial<ContainerSettings> = {}) => containerOf({ ...settingsOf().container, ...own });

describe("The container's contract", () => {
  it("is that of our server unless the stack says otherwise", () => {
    const { port, paths, user, readOnly, writablePaths, declaresVolumes, logFormat, environment } = given();
    assert.deepEqual(
      [port, paths, user, readOnly, writablePaths, declaresVolumes, logFormat, environment],
      [
        8080,
        { readiness: "/ready", liveness: "/health" },
        { uid: 10001, gid: 10001 },
        true,
        ["/tmp"],
        true,
        "ours",
        {},
      ],
    );
  });

  for (const preset of presetNames.filter((name) => name !== "ours")) {
    it(`of ${preset} runs the image as docker run does: its user, its writable root, its caches`, () => {
      const { user, readOnly, writablePaths, environment, logFormat } = given({ preset });
      assert.deepEqual([user, readOnly, writablePaths, environment, logFormat], [undefined, false, [], {}, "text"]);
    });

    it(`of ${preset} is accepted as it is`, () => assert.ok(settingsOf({ container: { preset } })));
  }

  it("of sagemaker starts the image with serve, unless the stack says otherwise", () => {
    assert.deepEqual(given({ preset: "sagemaker" }).args, ["serve"]);
    assert.deepEqual(given({ preset: "sagemaker", args: ["serve", "--debug"] }).args, ["serve", "--debug"]);
  });

  it("puts the caches of libraries where the container can write", () => {
    const caches = given({ preset: "fastapi", readOnly: true, writablePaths: ["/var/cache"] }).environment;
    assert.equal(caches.HF_HOME, "/var/cache/.cache/huggingface");
    for (const path of Object.values(caches)) assert.ok(path.startsWith("/var/cache/.cache"));
    assert.equal(given({ preset: "fastapi", user: "1000" }).environment.TORCH_HOME, "/tmp/.cache/torch");
    const spec = serviceSpec(
      settingsOf({ container: { preset: "flask", readOnly: true }, environment: { HF_HOME: "/x" } }),
    );
    assert.equal(spec.environment.HF_HOME, "/x");
  });

  it("has no embedded metrics in the log of another server", () => {
    const variables = (preset: string) => serviceSpec(settingsOf({ container: { preset } })).environment;
    assert.deepEqual([variables("ours").EMF, variables("triton").EMF], ["1", undefined]);
    assert.equal(variables("triton").PORT, "8000");
  });

  for (const [text, user] of [
    ["image", undefined],
    ["root", { uid: 0, gid: 0 }],
    ["1000", { uid: 1000, gid: 1000 }],
    ["1000:50", { uid: 1000, gid: 50 }],
  ] as const) {
    it(`has the user of user: ${text}`, () => assert.deepEqual(given({ preset: "other", user: text }).user, user));
  }

  it("leaves slow answers the idle time to end before a replica stops", () => {
    const drain = (container: object) => serviceSpec(settingsOf({ container })).drain;
    assert.deepEqual(drain({}), { deregistrationSeconds: 30, lingerSeconds: 35, serverSeconds: 80, stopSeconds: 90 });
    assert.equal(drain({ idleSeconds: 300 }).deregistrationSeconds, 300);
    assert.deepEqual(drain({ stopSeconds: 20 }), {
      deregistrationSeconds: 30,
      lingerSeconds: 0,
      serverSeconds: 10,
      stopSeconds: 20,
    });
  });
});
