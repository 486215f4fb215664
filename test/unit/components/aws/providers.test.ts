import assert from "node:assert/strict";
import { version } from "@pulumi/aws/package.json";
import * as pulumi from "@pulumi/pulumi";
import { providerFor } from "../../../../components/aws/providers";
import { offlineCloud } from "../../../../tools/offline/cloud";
import type { Config } from "../../../../tools/stack/file";
import { declared, declaredStack } from "../../support/mock-cloud";

const existing = {
  target: "eks",
  network: {
    vpcId: "vpc-0123abcd",
    publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
    privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
  },
};

const stacks: readonly (readonly [string, string, Config])[] = [
  ["dev", "dev", {}],
  ["prod", "prod", {}],
  ["dev on both platforms, with IPv6", "dev", { target: "both", network: { ipv6: true } }],
  ["dev in a given network", "dev", existing],
  [
    "dev with a pinned image",
    "dev",
    { image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/a@sha256:${"0".repeat(64)}` },
  ],
  ["local", "local", {}],
];

describe("Explicit provider", () => {
  const configured = (config: Record<string, string>) =>
    declared(() => {
      pulumi.runtime.setAllConfig(config);
      providerFor("aws");
    });

  it("gets the stack's whole configuration of its package, as the engine passes it", async () => {
    const keys = {
      "aws:region": "eu-west-1",
      "aws:defaultTags": '{"tags":{"team":"vision"}}',
      "aws:endpoints": '[{"ecs":"http://127.0.0.1:4566"}]',
      "aws:skipMetadataApiCheck": "true",
      "aws:regoin": "a key that only the provider can refuse",
    };
    const plan = await configured({ ...keys, "inference:cpu": "512", "awsx:region": "eu-west-3" });
    const { inputs } = plan.one("pulumi:providers:aws");
    const own = Object.entries(keys).map(([key, value]) => [key.slice("aws:".length), value]);
    assert.deepEqual(inputs, Object.fromEntries(own));
  });

  it("keeps encrypted values secret, and credentials always", async () => {
    process.env.PULUMI_CONFIG_SECRET_KEYS = '["aws:assumeRoles"]';
    try {
      const plan = await configured({ "aws:region": "eu-west-1", "aws:assumeRoles": "[]", "aws:secretKey": "hunter2" });
      assert.deepEqual([...plan.one("pulumi:providers:aws").secretInputs].sort(), ["assumeRoles", "secretKey"]);
    } finally {
      delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    }
  });

  it("has the same version as its resources", async () => {
    const plan = await configured({ "aws:region": "eu-west-1" });
    assert.equal(plan.one("pulumi:providers:aws").options.version, version);
  });
});

describe("No default provider is used", () => {
  for (const [title, stack, overrides] of stacks) {
    it(`by ${title}`, async function () {
      this.timeout(60_000);
      const offline = offlineCloud("us-east-1", { network: existing.network });
      const asked: string[] = [];
      const call: typeof offline.call = (args) => {
        // The engine answers those of its own package by itself.
        if (!args.provider && !args.token.startsWith("pulumi:")) asked.push(args.token);
        return offline.call(args);
      };
      const { plan } = await declaredStack(stack, overrides, { ...offline, call });
      const made = plan.resources.filter(({ type }) => !/^(pulumi|inference):/.test(type));
      assert.ok(made.length > 0);
      assert.deepEqual(
        made.filter(({ provider }) => provider === "").map(({ type, name }) => `${type} ${name}`),
        [],
      );
      assert.deepEqual(asked, []);
    });
  }
});
