import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Entry } from "../fakes/account";
import { nameOf, typeOf } from "../fakes/values";
import type { Lab } from "./support/lab";
import { assertOutputs } from "./support/output-shapes";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const service = "aws:ecs/service:Service";
const rule = "aws:lb/listenerRule:ListenerRule";
const policy = "aws:iam/rolePolicy:RolePolicy";
const capacity = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";
const taskDefinition = "aws:ecs/taskDefinition:TaskDefinition";
const image = "docker-build:index:Image";

describeWithEngine("The life of a stack", (open) => {
  let lab: Lab;

  before(async () => {
    lab = await open();
    await lab.createStack("dev");
  });

  const ended = (op: Entry["op"], type: string, name: RegExp = /./): Entry => {
    const found = lab.account
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
    const found = lab.account.entries().find((entry) => entry.phase === "begin" && entry.operation === operation);
    assert.ok(found);
    return found;
  };

  it("previews an empty stack, where everything is unknown, and touches nothing", async () => {
    const { output } = await lab.must("preview", "--suppress-progress");
    assert.match(output, /\+ \d\d to create/);
    assert.deepEqual(lab.changesSince(0), []);
  });

  it("deploys in an order that AWS accepts, however long the parts that others need take", async () => {
    lab.orders({ name: "inference-ecs-pin", op: "create", does: "slow", milliseconds: 2_000 });
    succeeds(await lab.up());
    lab.orders();
    assert.deepEqual(
      lab.account.entries().filter(({ phase }) => phase === "refused"),
      [],
    );
  });

  it("makes the service only once its rule, its permissions, its capacity and its network rules are there", async () => {
    const found = await lab.dependenciesOf(ended("create", service).urn);
    const needs: [string, string][] = [
      [rule, "inference-ecs-pin"],
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

  it("sends the public's requests only once the service is there", () => {
    assert.ok(ended("create", service).atMs <= begun("create", rule, /-public$/).atMs);
  });

  it("gives every output its type", async () => {
    assertOutputs(await lab.outputs(), "ecs", { ecs: 100 });
  });

  it("is found by a load that names it: its variants by their headers, its replicas at the load balancer", async () => {
    const pins: unknown[] = [];
    const service = createServer((request, response) => {
      pins.push(request.headers["x-variant"]);
      request.resume().once("end", () => response.end("{}"));
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    const { port } = service.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const { code, output } = await lab.script("load", url, "--stack", "dev", "--rps", "10", "--seconds", "1");
    service.close();
    assert.equal(code, 0, output);
    assert.deepEqual([...new Set(pins)], ["ecs"]);
    assert.match(output, /^ecs +10 +[\d.]+ .* 0$/m);
    assert.match(output, /^ecs +1 +0 +- +-$/m);
  });

  it("changes nothing when nothing has changed", async () => {
    const mark = lab.mark();
    succeeds(await lab.up("--expect-no-changes"));
    assert.deepEqual(lab.changesSince(mark), []);
  });

  it("finds no difference between state and account", async () => {
    succeeds(await lab.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes"));
  });

  it("leaves the number of tasks to scaling, also after a refresh", async () => {
    const { urn } = ended("create", service);
    lab.account.drift(urn, { desiredCount: 3 });
    const mark = lab.mark();
    succeeds(await lab.up("--refresh"));
    assert.deepEqual(lab.changesSince(mark), []);
    assert.equal(lab.account.of(service)[0]?.inputs.desiredCount, 3);
  });

  it("replaces only the task definition for a changed image, and rolls the service before the old one goes", async () => {
    lab.edit("app/package.json", '"license"', '"keywords": ["changed"],\n  "license"');
    const mark = lab.mark();
    succeeds(await lab.up("--diff", "--show-full-output"));
    assert.deepEqual(
      lab.changesSince(mark).map((change) => change.replace(/-[0-9a-f]{12}$/, "-<hash>")),
      [
        `create ${image} inference-<hash>`,
        `create ${taskDefinition} inference-ecs`,
        `update ${service} inference-ecs`,
        `delete ${taskDefinition} inference-ecs`,
      ],
    );
    assert.equal(lab.account.of(image).length, 2, "the image before is kept for a way back");
  });

  it("builds the image before again, under a tag of its own, when its content comes back", async () => {
    lab.edit("app/package.json", '"keywords": ["changed"],\n  "license"', '"license"');
    succeeds(await lab.up());
    const tags = lab.account.of(image).map(({ inputs }) => String(inputs.tags).split(":").at(-1) ?? "");
    assert.equal(tags.length, 3);
    const [first = "", , third = ""] = tags;
    assert.match(third, new RegExp(`^${first}-[0-9a-z]+$`));
    succeeds(await lab.up("--expect-no-changes"));
  });

  it("replaces the service when replicas divide otherwise between on-demand and Spot, the new one before the old one", async () => {
    lab.configure("dev", { "inference:spot": { onDemandBase: 2, onDemandWeight: 0, spotWeight: 1 } });
    const mark = lab.mark();
    succeeds(await lab.up());
    const ofService = lab.changesSince(mark).filter((change) => change.endsWith(`${service} inference-ecs`));
    assert.deepEqual(ofService, [`create ${service} inference-ecs`, `delete ${service} inference-ecs`]);
    assert.ok(ended("create", service).atMs <= begun("delete", service).atMs);
    assert.equal(lab.account.of(service).length, 1);
    assert.deepEqual(
      lab.changesSince(mark).filter((change) => change.includes(rule)),
      [],
    );
  });

  it("adds what a third zone needs and moves no subnet, and takes it away again", async () => {
    const subnet = "aws:ec2/subnet:Subnet";
    const subnetsChanged = async (zones: number) => {
      lab.configure("dev", { "inference:network": { zones } });
      const mark = lab.mark();
      succeeds(await lab.up());
      return lab
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

  it("replaces nothing when a component is renamed with an alias", async () => {
    lab.edit("index.ts", "new Gateway(name, {", 'new Gateway("edge", {');
    lab.edit(
      "index.ts",
      "groupTags }, by);\n  const attached",
      "groupTags }, { ...by, aliases: [{ name }] });\n  const attached",
    );
    const mark = lab.mark();
    succeeds(await lab.up());
    assert.deepEqual(lab.changesSince(mark), []);
  });

  it("keeps the registry's password out of everything printed, and encrypted in the state", async () => {
    const password = "fake-registry-password";
    assert.equal(lab.transcript.includes(password), false, "the password was printed");
    const files = readdirSync(lab.backend, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    assert.ok(files.length > 0);
    for (const file of files) {
      const text = readFileSync(join(file.parentPath, file.name), "utf8");
      assert.equal(text.includes(password), false, `${file.name} holds the password`);
    }
    const { stdout } = await lab.must("stack", "export", "--show-secrets");
    assert.ok(stdout.includes(password), "the state holds the password, or this test proves nothing");
  });

  it("is destroyed in an order that AWS accepts, down to the images that are kept on purpose", async () => {
    succeeds(await lab.pulumi("destroy", "--yes", "--skip-preview"));
    assert.deepEqual([...new Set(lab.account.held().map(({ type }) => type))], [image]);
    assert.ok(ended("delete", rule, /-public$/).atMs <= begun("delete", service).atMs);
    assert.ok(ended("delete", service).atMs <= begun("delete", rule, /-pin$/).atMs);
    assert.ok(ended("delete", service).atMs <= begun("delete", policy, /-execution$/).atMs);
  });
});
