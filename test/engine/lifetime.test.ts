import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Entry } from "../fakes/account";
import { nameOf, typeOf } from "../fakes/values";
import { assertOutputs } from "./support/output-shapes";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const service = "aws:ecs/service:Service";
const rule = "aws:lb/listenerRule:ListenerRule";
const policy = "aws:iam/rolePolicy:RolePolicy";
const capacity = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";
const taskDefinition = "aws:ecs/taskDefinition:TaskDefinition";
const image = "docker-build:index:Image";

describeWithEngine("Lifecycle of stack dev on ECS", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev");
  });

  const ended = (op: Entry["op"], type: string, name: RegExp = /./): Entry => {
    const found = sandbox.account
      .entries()
      .filter(
        (entry) =>
          entry.phase === "end" && entry.op === op && typeOf(entry.urn) === type && name.test(nameOf(entry.urn)),
      )
      .pop();
    assert.ok(found, `${op} of ${type} ${name} did not happen`);
    return found;
  };
  const begun = (op: Entry["op"], type: string, name: RegExp = /./): Entry => {
    const { operation } = ended(op, type, name);
    const found = sandbox.account.entries().find((entry) => entry.phase === "begin" && entry.operation === operation);
    assert.ok(found);
    return found;
  };

  it("a preview of an empty stack with every value unknown creates nothing", async () => {
    const { output } = await sandbox.must("preview", "--suppress-progress");
    assert.match(output, /\+ \d\d to create/);
    assert.deepEqual(sandbox.changesSince(0), []);
  });

  it("a first update runs in an order that AWS accepts, also when the header rule is slow", async () => {
    sandbox.inject({ name: "inference-ecs-header", op: "create", does: "slow", milliseconds: 2_000 });
    succeeds(await sandbox.up());
    sandbox.clearInjected();
    assert.deepEqual(
      sandbox.account.entries().filter(({ phase }) => phase === "refused"),
      [],
    );
  });

  it("the ECS service waits for its rule, permissions, capacity providers and security group rules", async () => {
    const found = await sandbox.dependenciesOf(ended("create", service).urn);
    const needs: [string, string][] = [
      [rule, "inference-ecs-header"],
      [policy, "inference-execution"],
      [capacity, "inference"],
      ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "inference-ecs-requests"],
      ["aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "inference-ecs-https"],
      ["aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "inference-gateway-ecs"],
    ];
    for (const [type, name] of needs) {
      assert.ok(
        found.some((urn) => typeOf(urn) === type && nameOf(urn) === name),
        `the service does not wait for ${type} ${name}`,
      );
    }
  });

  it("the public rule is created after the ECS service", () => {
    assert.ok(ended("create", service).atMs <= begun("create", rule, /-public$/).atMs);
  });

  it("stack dev has every output with its type", async () => {
    assertOutputs(await sandbox.outputs(), "ecs", { ecs: 100 });
  });

  it("npm run load --stack dev finds the variants by header and the replicas at the load balancer", async () => {
    const pins: unknown[] = [];
    const service = createServer((request, response) => {
      pins.push(request.headers["x-variant"]);
      request.resume().once("end", () => response.end("{}"));
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    const { port } = service.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const { code, output } = await sandbox.script("load", url, "--stack", "dev", "--rps", "10", "--seconds", "1");
    service.close();
    assert.equal(code, 0, output);
    assert.deepEqual([...new Set(pins)], ["ecs"]);
    assert.match(output, /^ecs +10 +[\d.]+ .* 0$/m);
    assert.match(output, /^ecs +1 +0 +- +-$/m);
  });

  it("a second update of dev changes nothing", async () => {
    const mark = sandbox.mark();
    succeeds(await sandbox.up("--expect-no-changes"));
    assert.deepEqual(sandbox.changesSince(mark), []);
  });

  it("a refresh of dev finds no drift", async () => {
    succeeds(await sandbox.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes"));
  });

  it("an update with --refresh keeps the desired count that scaling set", async () => {
    const { urn } = ended("create", service);
    sandbox.account.drift(urn, { desiredCount: 3 });
    const mark = sandbox.mark();
    succeeds(await sandbox.up("--refresh"));
    assert.deepEqual(sandbox.changesSince(mark), []);
    assert.equal(sandbox.account.of(service)[0]?.inputs.desiredCount, 3);
  });

  it("a new image replaces only the task definition, and the service rolls before the old one is deleted", async () => {
    sandbox.edit("app/package.json", '"license"', '"keywords": ["changed"],\n  "license"');
    const mark = sandbox.mark();
    succeeds(await sandbox.up("--diff", "--show-full-output"));
    assert.deepEqual(
      sandbox.changesSince(mark).map((change) => change.replace(/-[0-9a-f]{12}$/, "-<hash>")),
      [
        `create ${image} inference-<hash>`,
        `create ${taskDefinition} inference-ecs`,
        `update ${service} inference-ecs`,
        `delete ${taskDefinition} inference-ecs`,
      ],
    );
    assert.equal(sandbox.account.of(image).length, 2, "old images are kept for a rollback");
  });

  it("content that returns is built again under a new tag", async () => {
    sandbox.edit("app/package.json", '"keywords": ["changed"],\n  "license"', '"license"');
    succeeds(await sandbox.up());
    const tags = sandbox.account.of(image).map(({ inputs }) => String(inputs.tags).split(":").at(-1) ?? "");
    assert.equal(tags.length, 3);
    const [first = "", , third = ""] = tags;
    assert.match(third, new RegExp(`^${first}-[0-9a-z]+$`));
    succeeds(await sandbox.up("--expect-no-changes"));
  });

  it("a change of spot creates the new ECS service before it deletes the old one", async () => {
    sandbox.configure("dev", { "inference:spot": { onDemandBase: 2, onDemandWeight: 0, spotWeight: 1 } });
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    const ofService = sandbox.changesSince(mark).filter((change) => change.endsWith(`${service} inference-ecs`));
    assert.deepEqual(ofService, [`create ${service} inference-ecs`, `delete ${service} inference-ecs`]);
    assert.ok(ended("create", service).atMs <= begun("delete", service).atMs);
    assert.equal(sandbox.account.of(service).length, 1);
    assert.deepEqual(
      sandbox.changesSince(mark).filter((change) => change.includes(rule)),
      [],
    );
  });

  it("a third zone adds and removes only its own subnets", async () => {
    const subnet = "aws:ec2/subnet:Subnet";
    const subnetsChanged = async (zones: number) => {
      sandbox.configure("dev", { "inference:network": { zones } });
      const mark = sandbox.mark();
      succeeds(await sandbox.up());
      return sandbox
        .changesSince(mark)
        .filter((change) => change.includes(subnet))
        .sort();
    };
    const third = ["inference-private-3", "inference-public-3"];
    assert.deepEqual(
      await subnetsChanged(3),
      third.map((name) => `create ${subnet} ${name}`),
    );
    assert.deepEqual(
      await subnetsChanged(2),
      third.map((name) => `delete ${subnet} ${name}`),
    );
  });

  it("a component that is renamed with an alias is not replaced", async () => {
    sandbox.edit(
      "index.ts",
      "new Gateway(name, { ...settings, container: spec, domain, listener, network }, opts)",
      'new Gateway("edge", { ...settings, container: spec, domain, listener, network }, { ...opts, aliases: [{ name }] })',
    );
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    assert.deepEqual(sandbox.changesSince(mark), []);
  });

  it("the registry password is never printed and is encrypted in the state", async () => {
    const password = "fake-registry-password";
    assert.equal(sandbox.transcript.includes(password), false, "the password was printed");
    const files = readdirSync(sandbox.backend, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    assert.ok(files.length > 0);
    for (const file of files) {
      const text = readFileSync(join(file.parentPath, file.name), "utf8");
      assert.equal(text.includes(password), false, `${file.name} contains the password`);
    }
    const { stdout } = await sandbox.must("stack", "export", "--show-secrets");
    assert.ok(stdout.includes(password), "the decrypted state must contain the password, or this test proves nothing");
  });

  it("destroy runs in an order that AWS accepts and keeps only images", async () => {
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview"));
    assert.deepEqual([...new Set(sandbox.account.held().map(({ type }) => type))], [image]);
    assert.ok(ended("delete", rule, /-public$/).atMs <= begun("delete", service).atMs);
    assert.ok(ended("delete", service).atMs <= begun("delete", rule, /-header$/).atMs);
    assert.ok(ended("delete", service).atMs <= begun("delete", policy, /-execution$/).atMs);
  });
});
