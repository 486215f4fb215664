import type { Actions } from "./types";

const elbTags = "elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags";
/** IAM calls it GetBucketCORS, the API GetBucketCors. The provider reads all parts of a bucket, also those that are not set. */
const bucket = [
  "s3:GetAccelerateConfiguration s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLocation s3:GetBucketLogging",
  "s3:GetBucketObjectLockConfiguration s3:GetBucketPolicy s3:GetBucketRequestPayment s3:GetBucketTagging s3:GetBucketVersioning",
  "s3:GetBucketWebsite s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:GetReplicationConfiguration",
  "s3:ListBucket s3:ListTagsForResource",
].join(" ");

/** The load balancer, certificates, records, WAF and the access logs. */
export const edgeActions: Readonly<Record<string, Actions>> = {
  "aws:lb/loadBalancer:LoadBalancer": {
    // Elastic Load Balancing checks subnets, groups and addresses with the caller's permissions.
    read: "ec2:DescribeAccountAttributes ec2:DescribeAddresses ec2:DescribeInternetGateways ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs elasticloadbalancing:DescribeCapacityReservation elasticloadbalancing:DescribeLoadBalancerAttributes elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTags",
    write: `elasticloadbalancing:CreateLoadBalancer elasticloadbalancing:DeleteLoadBalancer elasticloadbalancing:ModifyLoadBalancerAttributes elasticloadbalancing:SetIpAddressType elasticloadbalancing:SetSecurityGroups elasticloadbalancing:SetSubnets ${elbTags}`,
    linked: ["elasticloadbalancing.amazonaws.com"],
  },
  "aws:lb/listener:Listener": {
    read: "elasticloadbalancing:DescribeListenerAttributes elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeTags",
    write: `elasticloadbalancing:CreateListener elasticloadbalancing:DeleteListener elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyListenerAttributes ${elbTags}`,
  },
  "aws:lb/listenerRule:ListenerRule": {
    read: "elasticloadbalancing:DescribeRules elasticloadbalancing:DescribeTags",
    write: `elasticloadbalancing:CreateRule elasticloadbalancing:DeleteRule elasticloadbalancing:ModifyRule elasticloadbalancing:SetRulePriorities ${elbTags}`,
  },
  "aws:lb/targetGroup:TargetGroup": {
    read: "elasticloadbalancing:DescribeTags elasticloadbalancing:DescribeTargetGroupAttributes elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth",
    write: `elasticloadbalancing:CreateTargetGroup elasticloadbalancing:DeleteTargetGroup elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:ModifyTargetGroupAttributes ${elbTags}`,
  },
  "aws:acm/certificate:Certificate": {
    read: "acm:DescribeCertificate acm:ListTagsForCertificate",
    write:
      "acm:AddTagsToCertificate acm:DeleteCertificate acm:RemoveTagsFromCertificate acm:RequestCertificate acm:UpdateCertificateOptions",
  },
  "aws:acm/certificateValidation:CertificateValidation": { read: "acm:DescribeCertificate" },
  "aws:route53/record:Record": {
    read: "route53:GetHostedZone route53:ListResourceRecordSets",
    write: "route53:ChangeResourceRecordSets route53:GetChange",
  },
  "aws:route53/healthCheck:HealthCheck": {
    read: "route53:GetHealthCheck route53:ListTagsForResource",
    write:
      "route53:ChangeTagsForResource route53:CreateHealthCheck route53:DeleteHealthCheck route53:UpdateHealthCheck",
  },
  "aws:wafv2/webAcl:WebAcl": {
    read: "wafv2:GetWebACL wafv2:ListTagsForResource",
    write: "wafv2:CreateWebACL wafv2:DeleteWebACL wafv2:TagResource wafv2:UntagResource wafv2:UpdateWebACL",
  },
  "aws:wafv2/webAclAssociation:WebAclAssociation": {
    read: "elasticloadbalancing:GetLoadBalancerWebACL wafv2:GetWebACL wafv2:GetWebACLForResource",
    write:
      "elasticloadbalancing:CreateWebACLAssociation elasticloadbalancing:DeleteWebACLAssociation elasticloadbalancing:SetWebAcl wafv2:AssociateWebACL wafv2:DisassociateWebACL",
  },
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {
    read: "wafv2:GetLoggingConfiguration",
    write:
      "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:PutResourcePolicy wafv2:DeleteLoggingConfiguration wafv2:PutLoggingConfiguration",
    linked: ["wafv2.amazonaws.com"],
  },
  "aws:s3/bucket:Bucket": {
    read: bucket,
    // With protect: false the bucket is emptied before it is deleted.
    write:
      "s3:CreateBucket s3:DeleteBucket s3:DeleteObject s3:DeleteObjectVersion s3:ListBucketVersions s3:PutBucketTagging s3:TagResource s3:UntagResource",
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    read: "s3:GetLifecycleConfiguration",
    write: "s3:PutLifecycleConfiguration",
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
    read: "s3:GetBucketOwnershipControls",
    write: "s3:PutBucketOwnershipControls",
  },
  "aws:s3/bucketPolicy:BucketPolicy": { read: "s3:GetBucketPolicy", write: "s3:DeleteBucketPolicy s3:PutBucketPolicy" },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    read: "s3:GetBucketPublicAccessBlock",
    write: "s3:PutBucketPublicAccessBlock",
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    read: "s3:GetEncryptionConfiguration",
    write: "s3:PutEncryptionConfiguration",
  },
};
