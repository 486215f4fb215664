/** The AWS actions of the provider's functions, and of the calls that pass it by. Sources as in types.ts. */
export const functionActions: Readonly<Record<string, string>> = {
  "aws:ec2/getNetworkInterface:getNetworkInterface": "ec2:DescribeNetworkInterfaces",
  "aws:ec2/getNetworkInterfaces:getNetworkInterfaces": "ec2:DescribeNetworkInterfaces",
  "aws:ec2/getRouteTable:getRouteTable": "ec2:DescribeRouteTables",
  "aws:ec2/getSubnet:getSubnet": "ec2:DescribeSubnets",
  "aws:ec2/getVpc:getVpc": "ec2:DescribeRouteTables ec2:DescribeVpcAttribute ec2:DescribeVpcs",
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": "ecr:GetAuthorizationToken",
  "aws:ecs/getCluster:getCluster": "ecs:DescribeClusters",
  "aws:efs/getAccessPoint:getAccessPoint": "elasticfilesystem:DescribeAccessPoints",
  "aws:efs/getFileSystem:getFileSystem":
    "elasticfilesystem:DescribeFileSystems elasticfilesystem:DescribeLifecycleConfiguration",
  "aws:eks/getAddonVersion:getAddonVersion": "eks:DescribeAddonVersions",
  "aws:eks/getCluster:getCluster": "eks:DescribeCluster",
  "aws:eks/getClusterVersions:getClusterVersions": "eks:DescribeClusterVersions",
  "aws:eks/getClusters:getClusters": "eks:ListClusters",
  "aws:iam/getPolicy:getPolicy": "iam:GetPolicy iam:GetPolicyVersion",
  "aws:index/getAvailabilityZones:getAvailabilityZones": "ec2:DescribeAvailabilityZones",
  // AWS answers everyone: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  "aws:index/getCallerIdentity:getCallerIdentity": "",
  "aws:lb/getListener:getListener":
    "elasticloadbalancing:DescribeListenerAttributes elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeTags",
  "aws:lb/getLoadBalancer:getLoadBalancer":
    "elasticloadbalancing:DescribeLoadBalancerAttributes elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTags",
  "aws:route53/getZone:getZone":
    "route53:GetHostedZone route53:ListHostedZones route53:ListHostedZonesByName route53:ListTagsForResource",
  "aws:secretsmanager/getSecretVersion:getSecretVersion": "secretsmanager:GetSecretValue",
  "aws:ssm/getParameter:getParameter": "ssm:GetParameter",
  "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": "ec2:DescribeSecurityGroupRules",
  "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": "ec2:DescribeSecurityGroupRules",
  // The backend answers it.
  "pulumi:pulumi:readStackResourceOutputs": "",
};

/** IAM's names of the services behind the clients of AWS's SDK. */
export const clientServices: Readonly<Record<string, string>> = {
  "application-auto-scaling": "application-autoscaling",
  cloudwatch: "cloudwatch",
  ecr: "ecr",
  ecs: "ecs",
  "elastic-load-balancing-v2": "elasticloadbalancing",
};

/** What AWS checks beside a call: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html */
export const furtherActions: Readonly<Record<string, readonly string[]>> = {
  "ecr:DescribeImageScanFindings": ["inspector2:ListCoverage", "inspector2:ListFindings"],
};

/** What Pulumi's packaged components create: https://github.com/pulumi/pulumi-awsx and https://github.com/pulumi/pulumi-eks. */
export const childTypes: Readonly<Record<string, readonly string[]>> = {
  "awsx:ec2:Vpc": [
    "aws:ec2/eip:Eip",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
  ],
  "eks:index:Cluster": [
    "aws:eks/accessEntry:AccessEntry",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:eks/cluster:Cluster",
    "aws:iam/role:Role",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  ],
};

/** The roles of the cluster's component: who may assume them, and the policies of AWS that they get. */
export const clusterRoles = {
  services: ["eks.amazonaws.com", "ec2.amazonaws.com"],
  policies: [
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
    "AmazonEKSWorkerNodeMinimalPolicy",
  ].map((name) => `arn:aws:iam::aws:policy/${name}`),
} as const;
