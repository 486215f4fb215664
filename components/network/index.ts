import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { providerFor } from "../aws/providers";
import type { ExistingNetwork, NewNetwork } from "../settings";

export interface NetworkArgs {
  readonly region: string;
  readonly network: NewNetwork | ExistingNetwork;
  /** The zones and the block of a new VPC. */
  readonly zones: readonly string[];
  /** Whether the load balancer has no address on the internet. */
  readonly internal: boolean;
  /** The subnets of somebody else's load balancer, when the stack has none of its own. */
  readonly gatewaySubnetIds?: readonly string[];
}

/**
 * A new VPC with public and private subnets in two to four zones, or an existing one, which is not changed. A new one costs its NAT
 * gateways; `nat: "none"` creates interface endpoints instead.
 *
 * @example
 * const network = new Network("inference", {
 *   region: "eu-west-1",
 *   network: { cidr: "10.0.0.0/16", zones: 2, nat: "one", ipv6: false },
 *   zones: ["eu-west-1a", "eu-west-1b"],
 *   internal: false,
 * });
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** The subnets of the load balancer. */
  readonly gatewaySubnetIds: pulumi.Output<string[]>;
  readonly privateSubnetIds: pulumi.Output<string[]>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:Network", name, {}, opts);
    const { network, zones, internal } = args;
    const placement = "vpcId" in network ? existing(network) : createVpc(name, { ...args, network }, { parent: this });
    this.vpcId = pulumi.output(placement.vpcId);
    this.privateSubnetIds = pulumi.output(placement.privateSubnetIds);
    const publicSubnetIds = pulumi.output(placement.publicSubnetIds);
    const ownSubnetIds = internal ? this.privateSubnetIds : publicSubnetIds;
    this.gatewaySubnetIds = args.gatewaySubnetIds ? pulumi.output([...args.gatewaySubnetIds]) : ownSubnetIds;
    if ("ipv6" in network && network.ipv6) routeIpv6(name, zones.length, publicSubnetIds, { parent: this });
    this.registerOutputs({
      vpcId: this.vpcId,
      gatewaySubnetIds: this.gatewaySubnetIds,
      privateSubnetIds: this.privateSubnetIds,
    });
  }

  /** The blocks from which the load balancer sends requests. */
  gatewaySubnetCidrs(): pulumi.Output<string[]> {
    return this.gatewaySubnetIds.apply((ids) => Promise.all(ids.map((id) => cidrOf(id, this))));
  }
}

async function cidrOf(id: string, parent: pulumi.Resource): Promise<string> {
  const { cidrBlock } = await aws.ec2.getSubnet({ id }, { parent });
  return cidrBlock;
}

const existing = ({ vpcId, publicSubnetIds, privateSubnetIds }: ExistingNetwork) => ({
  vpcId,
  publicSubnetIds: [...publicSubnetIds],
  privateSubnetIds: [...privateSubnetIds],
});

const natStrategy = { one: "Single", perZone: "OnePerAz", none: "None" } as const;

interface VpcArgs extends NetworkArgs {
  readonly network: NewNetwork;
}

function createVpc(name: string, { region, network, zones }: VpcArgs, opts: pulumi.ComponentResourceOptions) {
  const { cidr, nat, ipv6 } = network;
  const prefix = Number(cidr.split("/")[1]);
  return new awsx.ec2.Vpc(
    name,
    {
      cidrBlock: cidr,
      ...(ipv6 && { assignGeneratedIpv6CidrBlock: true }),
      availabilityZoneNames: [...zones],
      // A quarter of the block for each zone, so that another zone moves no existing subnet.
      availabilityZoneCidrMask: prefix + 2,
      enableDnsHostnames: true,
      natGateways: { strategy: natStrategy[nat] },
      subnetStrategy: "Auto",
      // Tasks and pods take an address each, load balancers a handful: up to four zones of both fit.
      subnetSpecs: [
        { type: "Private", cidrMask: prefix + 3, ...(ipv6 && { assignIpv6AddressOnCreation: false }) },
        { type: "Public", cidrMask: prefix + 5, ...(ipv6 && { assignIpv6AddressOnCreation: true }) },
      ],
      vpcEndpointStrategy: "Auto",
      vpcEndpointSpecs: endpoints(region, nat),
    },
    { ...opts, provider: providerFor("awsx", opts) },
  );
}

/** awsx routes only IPv4 to the internet. This adds a route for IPv6 beside each of them. */
function routeIpv6(
  name: string,
  zones: number,
  subnetIds: pulumi.Output<string[]>,
  inside: pulumi.CustomResourceOptions,
) {
  for (let zone = 0; zone < zones; zone++) {
    const subnetId = subnetIds.apply((ids) => ids[zone] ?? "");
    const table = aws.ec2.getRouteTableOutput({ subnetId }, inside);
    const out = table.routes.apply((routes) => routes.find(({ cidrBlock }) => cidrBlock === "0.0.0.0/0"));
    new aws.ec2.Route(
      `${name}-public-ipv6-${zone + 1}`,
      {
        routeTableId: table.routeTableId,
        gatewayId: out.apply((route) => route?.gatewayId ?? ""),
        destinationIpv6CidrBlock: "::/0",
      },
      inside,
    );
  }
}

/** The AWS services that both platforms call from private subnets. Without a NAT gateway they need endpoints. */
const interfaceServices = [
  "ecr.api",
  "ecr.dkr",
  "logs",
  "monitoring",
  "sts",
  "secretsmanager",
  "ssm",
  "ssmmessages",
  "ec2",
  "eks",
  "eks-auth",
];

function endpoints(region: string, nat: NewNetwork["nat"]) {
  const s3 = { serviceName: `com.amazonaws.${region}.s3`, vpcEndpointType: "Gateway" };
  if (nat !== "none") return [s3];
  const isolated = interfaceServices.map((service) => ({
    serviceName: `com.amazonaws.${region}.${service}`,
    vpcEndpointType: "Interface",
    privateDnsEnabled: true,
  }));
  return [s3, ...isolated];
}
