import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { GatewayArgs } from "./args";

export interface AccessLogs {
  readonly bucket: pulumi.Output<string>;
  /** The folder that has one for each day. */
  readonly location: pulumi.Output<string>;
  /** AWS may write once these exist. */
  readonly needs: readonly pulumi.Resource[];
}

/** A bucket that only load balancers of this account write to. Its objects expire. */
export function createAccessLogs(
  name: string,
  { accessLogDays, protect, region }: Pick<GatewayArgs, "accessLogDays" | "protect" | "region">,
  inside: pulumi.ResourceOptions,
): AccessLogs | undefined {
  if (accessLogDays === 0) return undefined;
  const bucket = new aws.s3.Bucket(`${name}-access-logs`, { forceDestroy: !protect }, { ...inside, protect });
  const { accountId } = aws.getCallerIdentityOutput({}, inside);
  const closed = lock(name, bucket, inside);
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-access-logs`,
    {
      bucket: bucket.bucket,
      rules: [{ id: "expire", status: "Enabled", filter: { prefix: "" }, expiration: { days: accessLogDays } }],
    },
    inside,
  );
  const policy = new aws.s3.BucketPolicy(
    `${name}-access-logs`,
    { bucket: bucket.bucket, policy: pulumi.jsonStringify(writersOnly(bucket, accountId)) },
    { ...inside, dependsOn: closed },
  );
  const location = pulumi.interpolate`s3://${bucket.bucket}/AWSLogs/${accountId}/elasticloadbalancing/${region}`;
  return { bucket: bucket.bucket, location, needs: [policy, ...closed] };
}

function lock(name: string, bucket: aws.s3.Bucket, inside: pulumi.ResourceOptions): pulumi.Resource[] {
  const of = { bucket: bucket.bucket };
  return [
    new aws.s3.BucketPublicAccessBlock(
      `${name}-access-logs`,
      { ...of, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      inside,
    ),
    new aws.s3.BucketOwnershipControls(
      `${name}-access-logs`,
      { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } },
      inside,
    ),
    // Load balancers cannot write to a bucket that is encrypted with a KMS key.
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-access-logs`,
      { ...of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      inside,
    ),
  ];
}

function writersOnly(bucket: aws.s3.Bucket, accountId: pulumi.Output<string>) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        // The service principal for application load balancers. With another one AWS drops the logs silently.
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: ["s3:PutObject"],
        Resource: [pulumi.interpolate`${bucket.arn}/AWSLogs/${accountId}/*`],
      },
      {
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
