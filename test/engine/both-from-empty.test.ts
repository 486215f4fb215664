import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nameOf, typeOf } from "../fakes/values";
import { receivedOnEcs } from "../support/parity/ecs";
import { receivedOnEks } from "../support/parity/eks";
import { assertParity, finder } from "../support/parity/received";
import { everything } from "../support/parity/stacks";
import { assertOutputs } from "./support/output-shapes";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const rule = "aws:lb/listenerRule:ListenerRule";
const bothSides = ["aws:ecs/service:Service", "kubernetes:apps/v1:Deployment"];

/** A folder of another team beside the project: no package.json, no .dockerignore, a Dockerfile of another name. */
const build = {
  context: "../service",
  dockerfile: "docker/Dockerfile.serve",
  target: "serve",
  args: { PYTHON_VERSION: "3.12" },
  secrets: { pip: "PIP_TOKEN" },
};
const token = "hunter2-of-the-build";

function writeService(projectFolder: string) {
  const folder = join(projectFolder, build.context);
  mkdirSync(join(folder, "docker"), { recursive: true });
  writeFileSync(join(folder, build.dockerfile), "ARG PYTHON_VERSION\nFROM python:$PYTHON_VERSION AS serve\n");
  writeFileSync(join(folder, "serve.py"), "serve()\n");
}

describeWithEngine("First deployment to both platforms", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open({ environment: { PIP_TOKEN: token } });
    writeService(sandbox.project);
    const keys = Object.entries({ ...everything, build }).map(([key, value]) => [`inference:${key}`, value]);
    await sandbox.createStack("dev", Object.fromEntries(keys));
  });

  it("a preview of both with every value unknown creates nothing", async () => {
    const { output } = await sandbox.must("preview", "--suppress-progress");
    assert.match(output, /\+ \d{2,} to create/);
    assert.deepEqual(sandbox.changesSince(0), []);
  });

  it("a first update to both is never refused and sends requests only once both sides exist", async () => {
    succeeds(await sandbox.up());
    const entries = sandbox.account.entries();
    assert.deepEqual(
      entries.filter(({ phase }) => phase === "refused"),
      [],
    );
    const begun = entries.findIndex(
      ({ phase, urn }) => phase === "begin" && typeOf(urn) === rule && nameOf(urn).endsWith("-public"),
    );
    const ended = (type: string) =>
      entries.findIndex(({ phase, op, urn }) => phase === "end" && op === "create" && typeOf(urn) === type);
    for (const type of bothSides)
      assert.ok(ended(type) >= 0 && ended(type) < begun, `${type} was created after the public rule`);
  });

  it("a container on EKS receives what one on ECS receives", () => {
    const find = finder((type) => sandbox.account.of(type));
    assertParity(receivedOnEcs(find), receivedOnEks(find));
  });

  it("the image is built from any folder with its Dockerfile, target and arguments", () => {
    const [image, ...others] = sandbox.account.of("docker-build:index:Image");
    assert.ok(image && others.length === 0);
    const { context, dockerfile, target, buildArgs, platforms, tags } = image.inputs;
    assert.deepEqual(context, { location: build.context });
    assert.deepEqual(dockerfile, { location: join(build.context, build.dockerfile) });
    assert.deepEqual([target, buildArgs, platforms], [build.target, build.args, ["linux/arm64"]]);
    assert.match(String(tags), /:v0-[0-9a-f]{12}$/);
  });

  it("the outputs of both contain the access to each side, with kubeconfig as a secret", async () => {
    assertOutputs(await sandbox.outputs(), "both", { ecs: 50, eks: 50 });
    assert.equal(sandbox.transcript.includes("current-context"), false);
    const { stdout } = await sandbox.must("stack", "output", "--json", "--show-secrets");
    assert.match(String(JSON.parse(stdout).kubeconfig), /current-context/);
  });

  it("a second update to both changes nothing", async () => {
    const mark = sandbox.mark();
    succeeds(await sandbox.up("--expect-no-changes"));
    assert.deepEqual(sandbox.changesSince(mark), []);
  });

  it("the value of a build secret is neither in the state nor in what pulumi prints", async () => {
    const { stdout } = await sandbox.must("stack", "export");
    assert.match(stdout, /"ignoreSecretsInDiffCalculation"/);
    assert.equal(stdout.includes(token), false);
    assert.equal(sandbox.transcript.includes(token), false);
  });
});
