import { entry } from "./entry";
import { text } from "./schema";

export const modelKeys = {
  modelUri: entry({
    schema: text(
      '"bundled", or s3://bucket/prefix',
      (value) =>
        value === "bundled" || /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\s?*]+(\?versionId=\S+)?$/.test(value),
    ),
    fallback: "bundled",
    text: "Where a replica loads the model from: `bundled` in the image, or `s3://bucket/prefix`. The service may then read that prefix. Append `?versionId=…` for one version of one object.",
    example: { modelUri: "s3://my-models/resnet50/v2" },
  }),
  modelKmsKeyArn: entry({
    schema: text(
      '"none", or the arn of a KMS key, not of an alias',
      (value) => value === "none" || /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(value),
    ),
    fallback: "none",
    text: "The arn of the KMS key that encrypts the bucket of `modelUri`, or `none`. The service may then decrypt with it, through S3 only. The key's policy must let the account's IAM policies allow that.",
    example: {
      modelUri: "s3://my-models/resnet50/v2",
      modelKmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
    },
  }),
};
