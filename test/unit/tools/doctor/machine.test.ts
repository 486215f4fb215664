import assert from "node:assert/strict";
import {
  awsCliDiagnosis,
  buildxDiagnosis,
  cliDiagnosis,
  dockerDiagnosis,
  nodeDiagnosis,
  type Run,
} from "../../../../tools/doctor/machine";
import { stackSettings } from "../../../../tools/stack/settings";
import { CommandError } from "../../../../tools/start/command";
import { absence } from "../../../../tools/start/docker";

const prints =
  (text: string): Run =>
  async () =>
    text;
const fails =
  (reason: string): Run =>
  async (program) => {
    throw new CommandError(program, reason, "");
  };
const isMissing = fails("spawn ENOENT");
const silent = (reason?: string) => ({ silence: async () => reason });

const image = `registry.example.com/app@sha256:${"0".repeat(64)}`;
const dev = stackSettings("dev");
const onEks = stackSettings("dev", { "inference:target": "eks" });
const ofExistingImage = stackSettings("dev", { "inference:image": image });
const local = stackSettings("local");

describe("doctor, the tools of this machine", () => {
  const required = { name: "inference", requiredPulumiVersion: ">=3.215.0" };

  it("Node: prints the version", () => {
    assert.deepEqual(nodeDiagnosis("v20.1.0"), { verdict: "ok", text: "Node v20.1.0." });
  });

  it("Pulumi CLI: there, too old, missing", async () => {
    assert.deepEqual(await cliDiagnosis(prints("v3.250.0\n"), required), { verdict: "ok", text: "Pulumi 3.250.0." });
    assert.equal((await cliDiagnosis(prints("v3.215.0-beta.1"), required)).verdict, "ok");
    assert.equal((await cliDiagnosis(prints("v4.0.0"), required)).verdict, "ok");
    const old = await cliDiagnosis(prints("v3.99.9"), required);
    assert.equal(old.text, "Pulumi 3.99.9; expected 3.215.0 or later.");
    assert.equal(old.verdict, "problem");
    const none = await cliDiagnosis(isMissing, required);
    assert.equal(none.verdict, "problem");
    assert.match(String(none.fix), /get\.pulumi\.com/);
  });

  it("Docker: answers, does not, is missing, and is not needed for an image that exists", async () => {
    assert.equal((await dockerDiagnosis(dev, silent())).verdict, "ok");
    const down = await dockerDiagnosis(dev, silent("Cannot connect to the Docker daemon"));
    assert.equal(down.verdict, "problem");
    assert.equal(down.text, "Docker cannot build the image: Cannot connect to the Docker daemon. Start Docker.");
    assert.match((await dockerDiagnosis(dev, silent(absence))).text, /Install it: https:/);
    assert.equal((await dockerDiagnosis(ofExistingImage, silent("down"))).verdict, "ok");
    assert.match((await dockerDiagnosis(local, silent("down"))).text, /cannot run the image/);
    // Unknown settings may need it.
    assert.equal((await dockerDiagnosis(undefined, silent("down"))).verdict, "problem");
  });

  it("buildx: there, missing, and not needed without a build on AWS", async () => {
    const found = await buildxDiagnosis(prints("github.com/docker/buildx v0.17.1 257815a"), dev);
    assert.deepEqual(found, { verdict: "ok", text: "buildx v0.17.1." });
    assert.equal((await buildxDiagnosis(fails("exit code 1"), dev)).verdict, "problem");
    for (const settings of [ofExistingImage, local])
      assert.equal((await buildxDiagnosis(isMissing, settings)).verdict, "ok");
  });

  it("AWS CLI: there, missing, and needed for EKS only", async () => {
    assert.deepEqual(await awsCliDiagnosis(prints("aws-cli/2.31.0 Python/3.13"), dev), {
      verdict: "ok",
      text: "aws-cli/2.31.0.",
    });
    assert.equal((await awsCliDiagnosis(isMissing, onEks)).verdict, "problem");
    assert.deepEqual(await awsCliDiagnosis(isMissing, dev), { verdict: "ok", text: "Not needed with target ecs." });
  });

  it("a program that does not end in time is not called missing", async () => {
    await assert.rejects(awsCliDiagnosis(fails("not done after 10 s"), onEks), /not done after 10 s/);
  });
});
