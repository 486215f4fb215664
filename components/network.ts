import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingNetwork, NewNetwork } from "./settings";

export interface NetworkArgs {
  readonly region: string;
  readonly network: NewNetwork | ExistingNetwork;
  /** Whether the load balancer has no address on the internet. */
  readonly internal: boolean;
}

/** A VPC over two to four zones with public and private subnets, or the given one, which stays untouched. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** Where the load balancer stands. */
  readonly gatewaySubnetIds: pulumi.Output<string[]>;
  readonly privateSubnetIds: pulumi.Output<string[]>;

  constructor(name: string, { region, network, internal }: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:Network", name, {}, opts);
    const placement = "vpcId" in network ? existing(network) : createVpc(name, region, network, { parent: this });
    this.vpcId = pulumi.output(placement.vpcId);
    this.privateSubnetIds = pulumi.output(placement.privateSubnetIds);
    this.gatewaySubnetIds = internal ? this.privateSubnetIds : pulumi.output(placement.publicSubnetIds);
    this.registerOutputs({
      vpcId: this.vpcId,
      gatewaySubnetIds: this.gatewaySubnetIds,
      privateSubnetIds: this.privateSubnetIds,
    });
  }

  /** Where the load balancer's requests come from. */
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

function createVpc(name: string, region: string, network: NewNetwork, opts: pulumi.ComponentResourceOptions) {
  const { cidr, zones, nat } = network;
  const prefix = Number(cidr.split("/")[1]);
  return new awsx.ec2.Vpc(
    name,
    {
      cidrBlock: cidr,
      numberOfAvailabilityZones: zones,
      enableDnsHostnames: true,
      natGateways: { strategy: natStrategy[nat] },
      subnetStrategy: "Auto",
      // Tasks and pods take an address each, load balancers a handful: up to four zones of both fit.
      subnetSpecs: [
        { type: "Private", cidrMask: prefix + 3 },
        { type: "Public", cidrMask: prefix + 5 },
      ],
      vpcEndpointStrategy: "Auto",
      vpcEndpointSpecs: endpoints(region, nat),
    },
    opts,
  );
}

/** What both platforms call from private subnets; without a NAT gateway there is no other way to reach it. */
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
