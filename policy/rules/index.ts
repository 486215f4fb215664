import { imageDigest, memoryLimit, rootContainer } from "./containers";
import { encryption, logRetention, publicBucket } from "./data";
import { iamWildcard } from "./iam";
import { listenerTlsPolicy, openSecurityGroup, publicEksEndpoint } from "./network";
import type { Rule } from "./rule";
import { deletionProtection, monthlyCost, tags } from "./stack";

/** In the order of README.md. */
export const rules: readonly Rule[] = [
  openSecurityGroup,
  listenerTlsPolicy,
  publicEksEndpoint,
  iamWildcard,
  publicBucket,
  encryption,
  imageDigest,
  rootContainer,
  memoryLimit,
  logRetention,
  deletionProtection,
  tags,
  monthlyCost,
];
