import type { PlannedResource } from "../offline";

/** Types that hold what no update brings back, and what that is. */
const dataOf: Readonly<Record<string, string>> = {
  "aws:cloudwatch/logGroup:LogGroup": "its log lines",
  "aws:ebs/volume:Volume": "its files",
  "aws:ecr/repository:Repository": "its images",
  "aws:efs/fileSystem:FileSystem": "its files",
  "aws:route53/record:Record": "the record, which callers or the renewal of a certificate need",
  "aws:route53/zone:Zone": "its name servers and records",
  "aws:s3/bucket:Bucket": "its objects",
};

export const dataTypes: readonly string[] = Object.keys(dataOf);

/** The agents of Container Insights write these. Their content is in CloudWatch's metrics as well, and their names are the cluster's. */
const isOfContainerInsights = ({ inputs }: PlannedResource) =>
  typeof inputs.name === "string" && inputs.name.startsWith("/aws/containerinsights/");

/** What is lost when AWS deletes the resource; undefined for a resource without data. */
export const dataIn = (resource: PlannedResource): string | undefined =>
  isOfContainerInsights(resource) ? undefined : dataOf[resource.type];
