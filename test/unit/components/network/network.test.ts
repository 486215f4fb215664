import assert from "node:assert/strict";
import { Network, type NetworkArgs } from "../../../../components/network";
import { declared } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const region = "eu-west-1";
const vpc = "awsx:ec2:Vpc";
const zones = ["a", "b", "c", "d"].map((letter) => `${region}${letter}`);

interface Endpoint {
  readonly serviceName: string;
  readonly vpcEndpointType: string;
  readonly privateDnsEnabled?: boolean;
}

function network(own: NetworkArgs["network"] | Readonly<Record<string, unknown>>, internal = false) {
  const settings = settingsOf({ network: own });
  return declared(() => {
    const { vpcId, gatewaySubnetIds, privateSubnetIds } = new Network("inference", {
      region,
      network: settings.network,
      zones: "zones" in settings.network ? zones.slice(0, settings.network.zones) : [],
      internal,
    });
    return { vpcId, gatewaySubnetIds, privateSubnetIds };
  });
}

describe("Network", () => {
  it("creates one VPC with public and private subnets in the configured number of zones", async () => {
    const plan = await network({ zones: 3, cidr: "10.8.0.0/16" });
    const { inputs } = plan.one(vpc);
    assert.deepEqual([inputs.cidrBlock, inputs.availabilityZoneNames], ["10.8.0.0/16", zones.slice(0, 3)]);
    assert.deepEqual(inputs.subnetSpecs, [
      { type: "Private", cidrMask: 19 },
      { type: "Public", cidrMask: 21 },
    ]);
    assert.equal((plan.outputs.privateSubnetIds as string[]).length, 3);
  });

  it("has room for four zones of subnets in the narrowest block there is", async () => {
    const plan = await network({ zones: 4, cidr: "10.8.0.0/22" });
    const specs = plan.one(vpc).inputs.subnetSpecs as { cidrMask: number }[];
    const addresses = specs.map(({ cidrMask }) => 4 * 2 ** (32 - cidrMask)).reduce((sum, part) => sum + part);
    assert.ok(addresses <= 2 ** 10);
    assert.ok(
      specs.every(({ cidrMask }) => cidrMask <= 27),
      "a load balancer needs a /27",
    );
  });

  it("reserves a quarter of the block for each zone, so that a further zone moves no subnet", async () => {
    for (const count of [2, 3, 4]) {
      assert.equal((await network({ zones: count })).one(vpc).inputs.availabilityZoneCidrMask, 18, `${count} zones`);
    }
  });

  for (const [nat, strategy] of [
    ["one", "Single"],
    ["perZone", "OnePerAz"],
    ["none", "None"],
  ]) {
    it(`gives nat ${nat} the gateways of ${strategy}`, async () =>
      assert.deepEqual((await network({ nat })).one(vpc).inputs.natGateways, { strategy }));
  }

  for (const nat of ["one", "perZone"]) {
    it(`has no endpoint but the free one of S3 with nat ${nat}`, async () =>
      assert.deepEqual((await network({ nat })).one(vpc).inputs.vpcEndpointSpecs, [
        { serviceName: "com.amazonaws.eu-west-1.s3", vpcEndpointType: "Gateway" },
      ]));
  }

  it("creates endpoints for all services that tasks and nodes call when there is no NAT gateway", async () => {
    const endpoints = (await network({ nat: "none" })).one(vpc).inputs.vpcEndpointSpecs as Endpoint[];
    const [s3, ...others] = endpoints;
    assert.deepEqual(s3, { serviceName: "com.amazonaws.eu-west-1.s3", vpcEndpointType: "Gateway" });
    assert.ok(
      others.every(({ vpcEndpointType, privateDnsEnabled }) => vpcEndpointType === "Interface" && privateDnsEnabled),
    );
    const services = others.map(({ serviceName }) => serviceName.replace("com.amazonaws.eu-west-1.", ""));
    for (const service of [
      "ecr.api",
      "ecr.dkr",
      "logs",
      "sts",
      "secretsmanager",
      "ssm",
      "ssmmessages",
      "ec2",
      "eks",
      "eks-auth",
    ]) {
      assert.ok(services.includes(service), service);
    }
    assert.equal(new Set(services).size, services.length);
  });

  it("routes IPv6 to the internet in its public subnets only, with network.ipv6", async () => {
    const plan = await network({ zones: 3, ipv6: true });
    const { inputs } = plan.one(vpc);
    assert.equal(inputs.assignGeneratedIpv6CidrBlock, true);
    assert.deepEqual(
      (inputs.subnetSpecs as Record<string, unknown>[]).map(({ type, assignIpv6AddressOnCreation }) => [
        type,
        assignIpv6AddressOnCreation,
      ]),
      [
        ["Private", false],
        ["Public", true],
      ],
    );
    const subnets = plan.outputs.gatewaySubnetIds as string[];
    assert.deepEqual(
      plan
        .all("aws:ec2/route:Route")
        .map(({ inputs: { routeTableId, gatewayId, destinationIpv6CidrBlock } }) => [
          routeTableId,
          gatewayId,
          destinationIpv6CidrBlock,
        ]),
      subnets.map((id) => [`rtb-of-${id}`, "igw-0123abcd", "::/0"]),
    );
    const without = await network({ zones: 3 });
    assert.deepEqual(without.all("aws:ec2/route:Route"), []);
    assert.equal(without.one(vpc).inputs.assignGeneratedIpv6CidrBlock, undefined);
  });

  it("changes nothing in an existing network and returns its IDs", async () => {
    const existing = {
      vpcId: "vpc-0123abcd",
      publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
      privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
    };
    const plan = await network(existing);
    assert.deepEqual(
      plan.plan.resources.filter(({ custom }) => custom),
      [],
    );
    assert.deepEqual(plan.all(vpc), []);
    const { vpcId, publicSubnetIds, privateSubnetIds } = existing;
    assert.deepEqual(plan.outputs, { vpcId, gatewaySubnetIds: publicSubnetIds, privateSubnetIds });
    const { outputs } = await network(existing, true);
    assert.deepEqual(outputs.gatewaySubnetIds, privateSubnetIds, "an internal load balancer stands with the replicas");
  });
});
