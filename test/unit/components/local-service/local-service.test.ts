import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildOf } from "../../../../components/core/build";
import { contentOf } from "../../../../components/core/image-content";
import { LocalService } from "../../../../components/local-service";
import { projectFolder } from "../../../../tools/stack/file";
import { temporaryFolder } from "../../../support/folder";
import { declared } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";
import { workloadOf } from "../../support/workloads";

const image = "docker:index/remoteImage:RemoteImage";
const container = "docker:index/container:Container";
const ours = buildOf(join(projectFolder, "app"));

/** By variant, the images of those that bring their own. */
type Images = Readonly<Record<string, string | undefined>>;

function local(own: Readonly<Record<string, unknown>> = {}, images: Images = { local: undefined }, build = ours) {
  return declared(() => {
    const settings = settingsOf({ target: "local", ...own });
    const { image: stackImage } = settings;
    const workloads = Object.entries(images).map(([variant, image = stackImage]) =>
      workloadOf(variant, { image }, settings),
    );
    const { url, urls } = new LocalService("inference", { image: stackImage, build, workloads });
    return { url, urls };
  });
}

describe("LocalService", () => {
  it("builds app/ again only when its content changes", async () => {
    const { version, hash } = contentOf(ours, "local");
    const { inputs } = (await local()).one(image);
    assert.deepEqual([inputs.name, inputs.triggers], [`inference:v${version}-${hash}`, { content: hash }]);
    assert.deepEqual(inputs.build, { context: ours.context, buildArgs: { VERSION: version } });
  });

  it("builds a folder of someone else with its Dockerfile, target, arguments and secrets, whose values it does not hold", async () => {
    const context = temporaryFolder("service");
    writeFileSync(join(context, "serve.dockerfile"), "FROM a");
    const build = {
      context,
      dockerfile: "serve.dockerfile",
      target: "serve",
      args: { CUDA: "12" },
      secrets: { pip: "PIP_TOKEN", netrc: "./netrc" },
    };
    const { inputs } = (await local({}, { local: undefined }, build)).one(image);
    assert.match(String(inputs.name), /^inference:v0-[0-9a-f]{12}$/);
    assert.deepEqual(inputs.build, {
      context,
      dockerfile: "serve.dockerfile",
      target: "serve",
      buildArgs: { CUDA: "12" },
      secrets: [
        { id: "pip", env: "PIP_TOKEN" },
        { id: "netrc", src: "./netrc" },
      ],
    });
  });

  it("builds nothing when the stack names an image", async () => {
    const reference = `ghcr.io/team/model@sha256:${"0".repeat(64)}`;
    const own = await local({ image: reference });
    assert.deepEqual(own.one(image).inputs, { name: reference, keepLocally: true });
  });

  it("runs the replica as Fargate does: its size, its user, its read-only root, its time to drain", async () => {
    const { inputs } = (await local({ cpu: 512, memory: 1024 })).one(container);
    // As the provider reads them back; any other spelling is a change to it.
    assert.equal((await local()).one(container).inputs.cpus, "1.0");
    const image = `ghcr.io/team/agent@sha256:${"0".repeat(64)}`;
    const shared = (await local({ sidecars: { agent: { image, cpu: 512, memory: 256 } } })).one(container).inputs;
    assert.deepEqual([shared.cpus, shared.memory], ["0.5", 1792]);
    const { interval, timeout, startPeriod } = inputs.healthcheck as Record<string, string>;
    assert.deepEqual([interval, timeout, startPeriod], ["15s", "5s", "2m0s"]);
    assert.deepEqual([inputs.cpus, inputs.memory, inputs.readOnly, inputs.stopTimeout], ["0.5", 1024, true, 90]);
    assert.match(String(inputs.user), /^[1-9]\d+:[1-9]\d+$/);
    assert.deepEqual(inputs.capabilities, { drops: ["ALL"] });
    assert.ok((inputs.envs as string[]).includes("CPU_UNITS=512"));
  });

  it("listens on this machine only, each variant on its own port", async () => {
    const own = await local({}, { a: undefined, b: undefined });
    assert.deepEqual(
      own.all(container).map(({ inputs }) => inputs.ports),
      [[{ ip: "127.0.0.1", external: 8080, internal: 8080 }], [{ ip: "127.0.0.1", external: 8081, internal: 8080 }]],
    );
    assert.equal(own.outputs.url, "http://127.0.0.1:8080");
    assert.deepEqual(own.outputs.urls, { a: "http://127.0.0.1:8080", b: "http://127.0.0.1:8081" });
  });

  it("runs a variant's own image beside the stack's, which it builds once", async () => {
    const reference = `ghcr.io/team/model@sha256:${"0".repeat(64)}`;
    const own = await local({}, { a: undefined, b: reference, c: undefined });
    const having = (type: string, key: string) =>
      Object.fromEntries(own.all(type).map(({ name, inputs }) => [name, key in inputs]));
    assert.deepEqual(having(image, "build"), { inference: true, "inference-b": false });
    assert.deepEqual(having(container, "healthcheck"), {
      "inference-8080": true,
      "inference-8081": true,
      "inference-8082": true,
    });
    const ran = Object.fromEntries(own.all(container).map(({ name, inputs }) => [name, inputs.image]));
    assert.ok(ran["inference-8080"] === ran["inference-8082"] && ran["inference-8080"] !== ran["inference-8081"]);
  });

  it("has the health check that ECS runs, and leaves the verdict to the readiness path", async () => {
    const { inputs } = (await local()).one(container);
    assert.deepEqual((inputs.healthcheck as { tests: string[] }).tests.slice(0, 2), ["CMD", "node"]);
    assert.equal("wait" in inputs, false);
  });

  it("has a url only once the readiness path answers, and asks nothing in a preview", async () => {
    const { url } = (await local({ container: { preset: "other", port: 9 } })).outputs;
    assert.equal(url, "http://127.0.0.1:8080");
  });

  it("warns which secrets are not set, and notes what does not apply", async () => {
    const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/key";
    const own = await local({ secrets: { KEY: arn } });
    assert.deepEqual(own.said("warning"), ["local: not set, because their values are in AWS: KEY"]);
    assert.deepEqual(own.said("info"), [
      "local: one container for each variant; replicas, scaling, schedule and weights do not apply",
    ]);
  });
});
