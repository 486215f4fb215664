import { list, object, type Resource, type ResourceRule, type StackRule } from "./rule";
import { isEveryone, statementsOf } from "./statements";

const bucketTypes = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
const blockType = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const policyType = "aws:s3/bucketPolicy:BucketPolicy";
const blocks = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

export const publicBucket: StackRule = {
  name: "public-bucket",
  description: "A bucket has a public access block with all four settings, and no policy or ACL that admits everyone.",
  inStack: (resources) => {
    const blocked = resources
      .filter(({ type, props }) => type === blockType && blocks.every((key) => props[key] === true))
      .map(({ props }) => props.bucket);
    const isBlocked = ({ props, name }: Resource) => blocked.includes(props.bucket ?? props.id ?? name);
    return resources.flatMap((resource) => {
      const { type, props } = resource;
      if (type === policyType && statementsOf(props.policy).some(isEveryone))
        return [{ resource, text: "the policy allows everyone; expected a principal or a condition" }];
      if (!bucketTypes.includes(type)) return [];
      if (/^public|^authenticated/.test(String(props.acl ?? "")))
        return [{ resource, text: `acl is ${props.acl}; expected private` }];
      if (isBlocked(resource)) return [];
      return [{ resource, text: `no BucketPublicAccessBlock with ${blocks.join(", ")}: expected one in the stack` }];
    });
  },
};

/** Where AWS leaves data in plain text by default: what must hold, by type. Buckets, logs and images are encrypted anyway. */
const encrypted: Readonly<Record<string, (props: Resource["props"]) => string | undefined>> = {
  "aws:sns/topic:Topic": ({ kmsMasterKeyId }) => (kmsMasterKeyId ? undefined : "kmsMasterKeyId is missing"),
  "aws:efs/fileSystem:FileSystem": ({ encrypted }) => (encrypted === true ? undefined : "encrypted is not true"),
  "aws:ebs/volume:Volume": ({ encrypted }) => (encrypted === true ? undefined : "encrypted is not true"),
  "aws:rds/instance:Instance": ({ storageEncrypted }) =>
    storageEncrypted === true ? undefined : "storageEncrypted is not true",
  "aws:ecs/taskDefinition:TaskDefinition": ({ volumes }) => {
    const files = list(volumes).map((volume) => object(object(volume).efsVolumeConfiguration));
    const isPlain = files.some(
      ({ fileSystemId, transitEncryption }) => fileSystemId && transitEncryption !== "ENABLED",
    );
    return isPlain ? "transitEncryption of an EFS volume is not ENABLED" : undefined;
  },
};

export const encryption: ResourceRule = {
  name: "encryption",
  description: "SNS topics, EFS, EBS and RDS are encrypted, and so is the way of a task to EFS.",
  types: Object.keys(encrypted),
  violations: ({ type, props }) => list(encrypted[type]?.(props)).map(String),
};

export const logRetention: ResourceRule = {
  name: "log-retention",
  description: "A log group deletes its lines after a number of days.",
  types: ["aws:cloudwatch/logGroup:LogGroup"],
  violations: ({ props: { retentionInDays } }) =>
    Number(retentionInDays ?? 0) > 0 ? [] : ["retentionInDays is missing: logs are kept and billed for ever"],
};
