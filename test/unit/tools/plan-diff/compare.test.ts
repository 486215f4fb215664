import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Change, comparePlans } from "../../../../tools/plan-diff/compare";
import { dataTypes } from "../../../../tools/plan-diff/data";
import { lossesOf } from "../../../../tools/plan-diff/losses";
import { replacedBy } from "../../../../tools/plan-diff/replacing-inputs";
import { declared, declaredStack } from "../../support/mock-cloud";

class Home extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Home", name, {}, opts);
    new aws.s3.Bucket(`${name}-files`, {}, { parent: this });
  }
}

const bucket =
  (name: string, opts: pulumi.CustomResourceOptions = {}, args: aws.s3.BucketArgs = {}) =>
  () =>
    void new aws.s3.Bucket(name, args, opts);

const lineFor = (change: Change) =>
  `${change.kind} ${change.resource.name}${change.kind === "replaced" ? `: ${change.why}` : ""}`;

/** The changes from one program to the other, and what would be lost. */
async function difference(before: () => unknown, after: () => unknown) {
  const [old, now] = [(await declared(before)).plan, (await declared(after)).plan];
  const changes = comparePlans(old, now);
  return { changes: changes.map(lineFor), losses: lossesOf("test", old, changes).map(({ text }) => text) };
}

describe("plan-diff", () => {
  it("finds no change of a plan to itself", async function () {
    this.timeout(30_000);
    const [one, other] = [await declaredStack("prod"), await declaredStack("prod")];
    assert.deepEqual(comparePlans(one.plan, other.plan), []);
  });

  it("names a bucket that is deleted, and what is lost", async () => {
    assert.deepEqual(await difference(bucket("files"), () => {}), {
      changes: ["deleted files"],
      losses: ["is deleted and loses its objects"],
    });
  });

  it("says of a protected one that pulumi up refuses it", async () => {
    const { losses } = await difference(bucket("files", { protect: true }), () => {});
    assert.deepEqual(losses, [
      "is deleted and loses its objects; pulumi up refuses that until the resource is no longer protected",
    ]);
  });

  it("loses nothing that stays in the account", async () => {
    const { changes, losses } = await difference(bucket("files", { retainOnDelete: true }), () => {});
    assert.deepEqual([changes, losses], [["deleted files"], []]);
  });

  it("recognizes a new name without an alias", async () => {
    assert.deepEqual(await difference(bucket("files"), bucket("objects")), {
      changes: ["renamed files"],
      losses: ["is replaced by objects (renamed without an alias) and loses its objects"],
    });
  });

  it("pairs a resource with its earlier name, type or parent by an alias", async () => {
    for (const alias of [{ name: "files" }, "urn:pulumi:test::inference::aws:s3/bucket:Bucket::files"]) {
      assert.deepEqual((await difference(bucket("files"), bucket("objects", { aliases: [alias] }))).changes, []);
    }
    const moved = () => {
      const home = new pulumi.ComponentResource("test:index:Other", "home");
      new aws.s3.Bucket("files", {}, { parent: home, aliases: [{ parent: pulumi.rootStackResource }] });
    };
    assert.deepEqual((await difference(bucket("files"), moved)).changes, []);
  });

  it("gives the children of a component the names that follow from its alias", async () => {
    const home = () => void new Home("home");
    assert.deepEqual((await difference(home, () => void new Home("house"))).changes, ["renamed home-files"]);
    const aliased = () => void new Home("house", { aliases: [{ name: "home" }] });
    assert.deepEqual((await difference(home, aliased)).changes, []);
  });

  it("replaces a resource for an input that AWS cannot change, unless it is ignored", async () => {
    const [before, after] = ["one", "two"].map((name) => ({ bucket: name }));
    assert.deepEqual(await difference(bucket("files", {}, before), bucket("files", {}, after)), {
      changes: ["replaced files: bucket"],
      losses: ["is replaced (bucket) and loses its objects"],
    });
    const ignored = bucket("files", { ignoreChanges: ["bucket"] }, after);
    assert.deepEqual((await difference(bucket("files", {}, before), ignored)).changes, []);
    const tagged = bucket("files", {}, { tags: { team: "b" } });
    assert.deepEqual((await difference(bucket("files"), tagged)).changes, []);
  });

  it("replaces what uses a replaced resource, where AWS cannot change that", async () => {
    const chain = (name: string) => () => {
      const group = new aws.lb.TargetGroup("group", { port: 80, protocol: "HTTP", vpcId: "vpc-1", name });
      new aws.s3.Bucket("triggered", {}, { replacementTrigger: name });
      const other = new aws.s3.Bucket("with", {}, { replaceWith: [group] });
      new aws.s3.Bucket("named", { bucket: other.bucket });
      new aws.s3.Bucket("tagged", { tags: { of: other.bucket } });
    };
    assert.deepEqual((await difference(chain("one"), chain("two"))).changes.sort(), [
      "replaced group: name",
      "replaced named: bucket",
      "replaced triggered: replacementTrigger",
      "replaced with: replaceWith",
    ]);
  });

  it("counts log lines in stacks with protect only, where nothing should delete them", async () => {
    const logs = (isProtected: boolean, withGroup: boolean) => () => {
      bucket("files", { protect: isProtected })();
      if (withGroup) new aws.cloudwatch.LogGroup("lines");
    };
    const lossIn = async (isProtected: boolean) =>
      (await difference(logs(isProtected, true), logs(isProtected, false))).losses;
    assert.deepEqual(await lossIn(false), []);
    assert.deepEqual(await lossIn(true), ["is deleted and loses its log lines"]);
  });

  it("loses nothing by a flip of prod, in both directions", async function () {
    this.timeout(30_000);
    const [ecs, eks] = [await declaredStack("prod"), await declaredStack("prod", { target: "eks" })];
    for (const [before, after] of [
      [ecs, eks],
      [eks, ecs],
    ] as const) {
      const changes = comparePlans(before.plan, after.plan);
      assert.ok(changes.length > 20);
      assert.deepEqual(lossesOf("prod", before.plan, changes), []);
    }
  });

  it("knows for every type with data which inputs replace it", () => {
    for (const type of dataTypes)
      assert.deepEqual(replacedBy(type, ["name", "bucket", "kmsKeyId"]).length > 0, true, type);
  });
});
