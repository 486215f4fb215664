import assert from "node:assert/strict";
import type { PlannedResource } from "../../tools/offline";
import { dataIn } from "../../tools/plan-diff/data";
import { declaredStack } from "./support/mock-cloud";

const nameOf = ({ type, name }: PlannedResource) => `${type} ${name}`;
const domain = { name: "api.example.com", zone: "example.com" };

/** Keys that bring everything with data into a stack. */
const everything = { target: "both", waf: { mode: "block" }, accessLogDays: 30, domain };

/** Not data of its own: the program writes the record again. */
const written = "aws:route53/record:Record inference";

const isKept = ({ options }: PlannedResource) => options.protect || options.retainOnDelete;

describe("Data in a stack with protect: true", () => {
  for (const [stack, keys] of [
    ["prod", {}],
    ["prod", { target: "eks" }],
    ["prod", { ...everything, allowHttp: false }],
    ["dev", { ...everything, protect: true }],
  ] as const) {
    it(`is protected or stays in the account: ${stack} ${JSON.stringify(keys)}`, async function () {
      this.timeout(30_000);
      const { plan } = await declaredStack(stack, keys);
      const holding = plan.resources.filter((resource) => dataIn(resource) !== undefined);
      assert.ok(holding.length >= 3, holding.map(nameOf).join(", "));
      const exposed = holding.filter((resource) => !isKept(resource)).map(nameOf);
      assert.deepEqual(
        exposed.filter((one) => one !== written),
        [],
      );
      const emptied = holding.filter(({ inputs }) => inputs.forceDestroy === true || inputs.forceDelete === true);
      assert.deepEqual(emptied.map(nameOf), []);
    });
  }

  it("stays by these options", async function () {
    this.timeout(30_000);
    const { plan } = await declaredStack("prod", { ...everything, allowHttp: false });
    const by = (option: "protect" | "retainOnDelete") =>
      plan.resources
        .filter(({ options, type }) => options[option] && type !== "docker-build:index:Image")
        .map(nameOf)
        .sort();
    assert.deepEqual(by("protect"), [
      "aws:ecr/repository:Repository inference",
      "aws:lb/loadBalancer:LoadBalancer inference",
      "aws:s3/bucket:Bucket inference-access-logs",
    ]);
    assert.deepEqual(by("retainOnDelete"), [
      "aws:cloudwatch/logGroup:LogGroup aws-waf-logs-inference",
      "aws:cloudwatch/logGroup:LogGroup inference-ecs",
      "aws:cloudwatch/logGroup:LogGroup inference-eks-application",
      "aws:route53/record:Record inference-validation",
    ]);
  });
});

describe("A stack without protect", () => {
  it("deletes its data with it, except the record that other certificates need", async function () {
    this.timeout(30_000);
    const { plan } = await declaredStack("dev", everything);
    const kept = plan.resources.filter((resource) => dataIn(resource) !== undefined && isKept(resource));
    assert.deepEqual(kept.map(nameOf), ["aws:route53/record:Record inference-validation"]);
  });
});
