import type { Actions } from "./types";

const ec2Tags = "ec2:CreateTags ec2:DeleteTags";
const discoveryTags = "servicediscovery:TagResource servicediscovery:UntagResource";

/** VPC, security groups and Cloud Map. */
export const networkActions: Readonly<Record<string, Actions>> = {
  "aws:ec2/vpc:Vpc": {
    read: "ec2:DescribeNetworkAcls ec2:DescribeRouteTables ec2:DescribeSecurityGroups ec2:DescribeVpcAttribute ec2:DescribeVpcs",
    write: `ec2:AssociateVpcCidrBlock ec2:CreateVpc ec2:DeleteVpc ec2:DisassociateVpcCidrBlock ec2:ModifyVpcAttribute ${ec2Tags}`,
  },
  "aws:ec2/subnet:Subnet": {
    read: "ec2:DescribeNetworkInterfaces ec2:DescribeSubnets",
    write: `ec2:AssociateSubnetCidrBlock ec2:CreateSubnet ec2:DeleteSubnet ec2:DisassociateSubnetCidrBlock ec2:ModifySubnetAttribute ${ec2Tags}`,
  },
  "aws:ec2/internetGateway:InternetGateway": {
    read: "ec2:DescribeInternetGateways",
    write: `ec2:AttachInternetGateway ec2:CreateInternetGateway ec2:DeleteInternetGateway ec2:DetachInternetGateway ${ec2Tags}`,
  },
  "aws:ec2/natGateway:NatGateway": {
    read: "ec2:DescribeNatGateways",
    write: `ec2:CreateNatGateway ec2:DeleteNatGateway ${ec2Tags}`,
  },
  "aws:ec2/eip:Eip": {
    read: "ec2:DescribeAddresses ec2:DescribeAddressesAttribute",
    write: `ec2:AllocateAddress ec2:DisassociateAddress ec2:ReleaseAddress ${ec2Tags}`,
  },
  "aws:ec2/routeTable:RouteTable": {
    read: "ec2:DescribeRouteTables",
    write: `ec2:CreateRouteTable ec2:DeleteRouteTable ec2:DisassociateRouteTable ${ec2Tags}`,
  },
  "aws:ec2/route:Route": {
    read: "ec2:DescribeRouteTables",
    write: "ec2:CreateRoute ec2:DeleteRoute ec2:ReplaceRoute",
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    read: "ec2:DescribeRouteTables",
    write: "ec2:AssociateRouteTable ec2:DisassociateRouteTable ec2:ReplaceRouteTableAssociation",
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    read: "ec2:DescribePrefixLists ec2:DescribeVpcEndpoints",
    write: `ec2:CreateVpcEndpoint ec2:DeleteVpcEndpoints ec2:ModifyVpcEndpoint route53:AssociateVPCWithHostedZone ${ec2Tags}`,
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    read: "ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups",
    write: `ec2:AuthorizeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress ec2:CreateSecurityGroup ec2:DeleteSecurityGroup ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress ${ec2Tags}`,
  },
  "aws:ec2/securityGroupRule:SecurityGroupRule": {
    read: "ec2:DescribeSecurityGroupRules ec2:DescribeSecurityGroups",
    write:
      "ec2:AuthorizeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress ec2:UpdateSecurityGroupRuleDescriptionsEgress ec2:UpdateSecurityGroupRuleDescriptionsIngress",
  },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
    read: "ec2:DescribeSecurityGroupRules",
    write: `ec2:AuthorizeSecurityGroupEgress ec2:ModifySecurityGroupRules ec2:RevokeSecurityGroupEgress ${ec2Tags}`,
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    read: "ec2:DescribeSecurityGroupRules",
    write: `ec2:AuthorizeSecurityGroupIngress ec2:ModifySecurityGroupRules ec2:RevokeSecurityGroupIngress ${ec2Tags}`,
  },
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": {
    read: "servicediscovery:GetNamespace servicediscovery:GetOperation servicediscovery:ListTagsForResource",
    write: `ec2:DescribeRegions ec2:DescribeVpcs route53:CreateHostedZone route53:DeleteHostedZone route53:GetHostedZone route53:ListHostedZonesByName servicediscovery:CreatePrivateDnsNamespace servicediscovery:DeleteNamespace servicediscovery:UpdatePrivateDnsNamespace ${discoveryTags}`,
  },
  "aws:servicediscovery/service:Service": {
    read: "servicediscovery:GetOperation servicediscovery:GetService servicediscovery:ListTagsForResource",
    write: `servicediscovery:CreateService servicediscovery:DeleteService servicediscovery:DeregisterInstance servicediscovery:ListInstances servicediscovery:UpdateService ${discoveryTags}`,
  },
};
