import type { Actions } from "./types";

const ecsTags = "ecs:TagResource ecs:UntagResource";
const eksTags = "eks:TagResource eks:UntagResource";

/** Images, ECS, EKS, roles and keys. */
export const platformsActions: Readonly<Record<string, Actions>> = {
  "aws:ecr/repository:Repository": {
    read: "ecr:DescribeRepositories ecr:ListTagsForResource",
    write:
      "ecr:CreateRepository ecr:DeleteRepository ecr:PutImageScanningConfiguration ecr:PutImageTagMutability ecr:TagResource ecr:UntagResource",
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    read: "ecr:GetLifecyclePolicy",
    write: "ecr:DeleteLifecyclePolicy ecr:PutLifecyclePolicy",
  },
  "docker-build:index:Image": {
    read: "ecr:BatchGetImage ecr:GetAuthorizationToken",
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
    write:
      "ecr:BatchCheckLayerAvailability ecr:CompleteLayerUpload ecr:GetDownloadUrlForLayer ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart",
  },
  "aws:ecs/cluster:Cluster": {
    read: "ecs:DescribeClusters ecs:ListTagsForResource",
    write: `ecs:CreateCluster ecs:DeleteCluster ecs:UpdateCluster ${ecsTags}`,
    linked: ["ecs.amazonaws.com"],
  },
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {
    read: "ecs:DescribeClusters",
    write: "ecs:PutClusterCapacityProviders",
  },
  "aws:ecs/service:Service": {
    read: "ecs:DescribeServiceDeployments ecs:DescribeServices ecs:ListServiceDeployments ecs:ListTagsForResource",
    write: `ecs:CreateService ecs:DeleteService ecs:UpdateService iam:PassRole ${ecsTags}`,
  },
  "aws:ecs/taskDefinition:TaskDefinition": {
    read: "ecs:DescribeTaskDefinition",
    write: `ecs:DeregisterTaskDefinition ecs:RegisterTaskDefinition iam:GetRole iam:PassRole ${ecsTags}`,
  },
  "aws:appautoscaling/target:Target": {
    read: "application-autoscaling:DescribeScalableTargets application-autoscaling:ListTagsForResource",
    write:
      "application-autoscaling:DeregisterScalableTarget application-autoscaling:RegisterScalableTarget application-autoscaling:TagResource application-autoscaling:UntagResource",
    linked: ["ecs.application-autoscaling.amazonaws.com"],
  },
  "aws:appautoscaling/policy:Policy": {
    read: "application-autoscaling:DescribeScalingPolicies cloudwatch:DescribeAlarms",
    write:
      "application-autoscaling:DeleteScalingPolicy application-autoscaling:PutScalingPolicy cloudwatch:DeleteAlarms cloudwatch:PutMetricAlarm",
  },
  "aws:appautoscaling/scheduledAction:ScheduledAction": {
    read: "application-autoscaling:DescribeScheduledActions",
    write: "application-autoscaling:DeleteScheduledAction application-autoscaling:PutScheduledAction",
  },
  "aws:eks/cluster:Cluster": {
    read: "ec2:DescribeSubnets ec2:DescribeVpcs eks:DescribeCluster",
    write: `eks:CreateCluster eks:DeleteCluster eks:DescribeUpdate eks:UpdateClusterConfig eks:UpdateClusterVersion iam:GetRole iam:ListAttachedRolePolicies iam:PassRole kms:CreateGrant kms:DescribeKey ${eksTags}`,
    linked: ["eks.amazonaws.com"],
  },
  "aws:eks/addon:Addon": {
    read: "eks:DescribeAddon",
    write: `eks:CreateAddon eks:CreatePodIdentityAssociation eks:DeleteAddon eks:DeletePodIdentityAssociation eks:DescribeUpdate eks:UpdateAddon eks:UpdatePodIdentityAssociation iam:GetRole iam:PassRole ${eksTags}`,
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    read: "eks:DescribePodIdentityAssociation",
    write: `eks:CreatePodIdentityAssociation eks:DeletePodIdentityAssociation eks:UpdatePodIdentityAssociation iam:GetRole iam:PassRole ${eksTags}`,
  },
  "aws:eks/accessEntry:AccessEntry": {
    read: "eks:DescribeAccessEntry",
    write: `eks:CreateAccessEntry eks:DeleteAccessEntry eks:UpdateAccessEntry ${eksTags}`,
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    read: "eks:ListAssociatedAccessPolicies",
    write: "eks:AssociateAccessPolicy eks:DisassociateAccessPolicy",
  },
  "aws:iam/role:Role": {
    read: "iam:GetRole iam:ListAttachedRolePolicies iam:ListInstanceProfilesForRole iam:ListRolePolicies",
    write:
      "iam:CreateRole iam:DeleteRole iam:DeleteRolePermissionsBoundary iam:PutRolePermissionsBoundary iam:TagRole iam:UntagRole iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UpdateRoleDescription",
  },
  "aws:iam/rolePolicy:RolePolicy": { read: "iam:GetRolePolicy", write: "iam:DeleteRolePolicy iam:PutRolePolicy" },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    read: "iam:ListAttachedRolePolicies",
    write: "iam:AttachRolePolicy iam:DetachRolePolicy",
  },
  "aws:kms/key:Key": {
    read: "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
    write:
      "kms:CreateKey kms:DisableKeyRotation kms:EnableKeyRotation kms:PutKeyPolicy kms:ScheduleKeyDeletion kms:TagResource kms:UntagResource kms:UpdateKeyDescription",
  },
};
