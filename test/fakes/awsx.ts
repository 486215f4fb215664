import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ConstructResult } from "@pulumi/pulumi/provider";
import { addressOf, rangeOf, sizeOf } from "./addresses";
import { serve } from "./provider";
import { isRecord, type Properties, recordsIn, stringsIn } from "./values";

interface Layout {
  vpc: aws.ec2.Vpc;
  /** Whether the public subnets have IPv6 addresses. */
  ipv6: boolean;
  cidrBlock: string;
  name: string;
  inside: pulumi.CustomResourceOptions;
  zones: string[];
  /** Prefix lengths of each zone's block and of each subnet's block in it. */
  zoneMask: number;
  specs: Properties[];
}

/** Divides the block as awsx does: a block for each zone, filled with its subnets in order. */
function cidrOf({ cidrBlock, zoneMask, specs }: Layout, kind: "public" | "private", zone: number): string {
  const whole = rangeOf(cidrBlock);
  const own = whole.first + zone * sizeOf(zoneMask);
  const before = specs.findIndex(({ type }) => String(type).toLowerCase() === kind);
  const sizes = specs.map(({ cidrMask }) => sizeOf(cidrMask));
  const sum = (some: number[]) => some.reduce((all, one) => all + one, 0);
  if (sum(sizes) > sizeOf(zoneMask) || own + sizeOf(zoneMask) > whole.end) {
    throw new Error("Subnets are too large for VPC");
  }
  return `${addressOf(own + sum(sizes.slice(0, before)))}/${specs[before]?.cidrMask}`;
}

function createSubnets(layout: Layout, kind: "public" | "private", routes: aws.ec2.RouteTable[]) {
  const { vpc, ipv6, name, inside, zones } = layout;
  return zones.map((availabilityZone, index) => {
    const cidrBlock = cidrOf(layout, kind, index);
    const label = `${name}-${kind}-${index + 1}`;
    // The VPC's /56 contains 256 blocks of this size.
    const ipv6CidrBlock = vpc.ipv6CidrBlock.apply((block) => (block ?? "").replace("00::/56", `0${index}::/64`));
    const six = ipv6 && kind === "public" ? { ipv6CidrBlock, assignIpv6AddressOnCreation: true } : {};
    const subnet = new aws.ec2.Subnet(label, { vpcId: vpc.id, cidrBlock, availabilityZone, ...six }, inside);
    const routeTableId = (routes[index] ?? routes[0])?.id ?? "";
    new aws.ec2.RouteTableAssociation(label, { subnetId: subnet.id, routeTableId }, inside);
    return subnet;
  });
}

function createRoutes(
  { vpc, name, inside }: Layout,
  label: string,
  to: Partial<aws.ec2.RouteArgs>,
): aws.ec2.RouteTable {
  const table = new aws.ec2.RouteTable(`${name}-${label}`, { vpcId: vpc.id }, inside);
  if (Object.keys(to).length > 0) {
    new aws.ec2.Route(`${name}-${label}`, { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", ...to }, inside);
  }
  return table;
}

function createEndpoints(
  { vpc, name, inside }: Layout,
  specs: Properties[],
  subnets: aws.ec2.Subnet[],
  routes: aws.ec2.RouteTable[],
) {
  for (const { serviceName, vpcEndpointType } of specs) {
    const common = { vpcId: vpc.id, serviceName: String(serviceName), vpcEndpointType: String(vpcEndpointType) };
    const attached =
      vpcEndpointType === "Gateway"
        ? { routeTableIds: routes.map((table) => table.id) }
        : { subnetIds: subnets.map((subnet) => subnet.id), privateDnsEnabled: true };
    new aws.ec2.VpcEndpoint(`${name}-${serviceName}`, { ...common, ...attached }, inside);
  }
}

/** A fake awsx VPC: the same children in the same order, with the same subnet layout. */
function createVpc(name: string, args: Properties, options: pulumi.ComponentResourceOptions): ConstructResult {
  const component = new pulumi.ComponentResource("awsx:ec2:Vpc", name, {}, options);
  const inside = { parent: component };
  const zones = stringsIn(args.availabilityZoneNames);
  const cidrBlock = String(args.cidrBlock ?? "10.0.0.0/16");
  const ipv6 = args.assignGeneratedIpv6CidrBlock === true;
  const enableDnsHostnames = args.enableDnsHostnames === true;
  const vpc = new aws.ec2.Vpc(
    name,
    { cidrBlock, enableDnsHostnames, ...(ipv6 && { assignGeneratedIpv6CidrBlock: true }) },
    inside,
  );
  const prefix = Number(cidrBlock.split("/")[1]);
  const zoneMask = Number(args.availabilityZoneCidrMask ?? prefix + Math.ceil(Math.log2(zones.length)));
  const layout = { vpc, ipv6, cidrBlock, name, inside, zones, zoneMask, specs: recordsIn(args.subnetSpecs) };
  const internet = new aws.ec2.InternetGateway(name, { vpcId: vpc.id }, inside);
  const publicRoutes = zones.map((_, index) => createRoutes(layout, `public-${index + 1}`, { gatewayId: internet.id }));
  const publicSubnets = createSubnets(layout, "public", publicRoutes);

  const strategy = isRecord(args.natGateways) ? args.natGateways.strategy : "OnePerAz";
  const natSubnets = strategy === "None" ? [] : strategy === "Single" ? publicSubnets.slice(0, 1) : publicSubnets;
  const nats = natSubnets.map((subnet, index) => {
    const address = new aws.ec2.Eip(`${name}-${index + 1}`, { domain: "vpc" }, inside);
    return new aws.ec2.NatGateway(
      `${name}-${index + 1}`,
      { subnetId: subnet.id, allocationId: address.allocationId },
      inside,
    );
  });
  const privateRoutes = zones.map((_, index) => {
    const nat = nats[index] ?? nats[0];
    return createRoutes(layout, `private-${index + 1}`, nat === undefined ? {} : { natGatewayId: nat.id });
  });
  const privateSubnets = createSubnets(layout, "private", privateRoutes);
  createEndpoints(layout, recordsIn(args.vpcEndpointSpecs), privateSubnets, [...publicRoutes, ...privateRoutes]);
  return {
    urn: component.urn,
    state: {
      vpcId: vpc.id,
      vpc,
      publicSubnetIds: publicSubnets.map((subnet) => subnet.id),
      privateSubnetIds: privateSubnets.map((subnet) => subnet.id),
      routeTables: [...publicRoutes, ...privateRoutes],
    },
  };
}

serve("awsx", {
  realise: (urn) => {
    throw new Error(`${urn}: awsx has only components`);
  },
  construct: async (name, type, inputs, options) => {
    if (type !== "awsx:ec2:Vpc") throw new Error(`${type}: the fake provider builds awsx:ec2:Vpc only`);
    return createVpc(name, inputs as Properties, options);
  },
});
