import type { IncomingMessage } from "node:http";

/** The service in the signature of a request, by IAM's name. */
const services: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** Services whose requests name no action, with the methods and paths of their actions. */
const rest: Readonly<Record<string, readonly (readonly [request: RegExp, action: string])[]>> = {
  eks: [
    [/^POST \/clusters$/, "CreateCluster"],
    [/^GET \/clusters$/, "ListClusters"],
    [/^GET \/clusters\/[^/]+$/, "DescribeCluster"],
    [/^DELETE \/clusters\/[^/]+$/, "DeleteCluster"],
    [/^POST \/clusters\/[^/]+\/update-config$/, "UpdateClusterConfig"],
    [/^GET \/clusters\/[^/]+\/updates\//, "DescribeUpdate"],
    [/^POST \/clusters\/[^/]+\/addons$/, "CreateAddon"],
    [/^GET \/clusters\/[^/]+\/addons\/[^/]+$/, "DescribeAddon"],
    [/^POST \/clusters\/[^/]+\/addons\/[^/]+\/update$/, "UpdateAddon"],
    [/^DELETE \/clusters\/[^/]+\/addons\/[^/]+$/, "DeleteAddon"],
    [/^POST \/clusters\/[^/]+\/access-entries$/, "CreateAccessEntry"],
    [/^GET \/clusters\/[^/]+\/access-entries\/[^/]+$/, "DescribeAccessEntry"],
    [/^DELETE \/clusters\/[^/]+\/access-entries\/[^/]+$/, "DeleteAccessEntry"],
    [/^POST .*\/access-policies$/, "AssociateAccessPolicy"],
    [/^GET .*\/access-policies$/, "ListAssociatedAccessPolicies"],
    [/^DELETE .*\/access-policies\//, "DisassociateAccessPolicy"],
    [/^POST \/clusters\/[^/]+\/pod-identity-associations$/, "CreatePodIdentityAssociation"],
    [/^GET \/clusters\/[^/]+\/pod-identity-associations\/[^/]+$/, "DescribePodIdentityAssociation"],
    [/^DELETE \/clusters\/[^/]+\/pod-identity-associations\/[^/]+$/, "DeletePodIdentityAssociation"],
    [/^GET \/addons\/supported-versions$/, "DescribeAddonVersions"],
    [/^GET \/cluster-versions$/, "DescribeClusterVersions"],
    [/^POST \/tags\//, "TagResource"],
  ],
  route53: [
    [/^GET \/2013-04-01\/hostedzone$/, "ListHostedZones"],
    [/^GET \/2013-04-01\/hostedzonesbyname$/, "ListHostedZonesByName"],
    [/^GET \/2013-04-01\/hostedzone\/[^/]+$/, "GetHostedZone"],
    [/^GET .*\/rrset$/, "ListResourceRecordSets"],
    [/^POST .*\/rrset\/?$/, "ChangeResourceRecordSets"],
    [/^GET .*\/change\//, "GetChange"],
    [/^POST .*\/healthcheck$/, "CreateHealthCheck"],
    [/^GET .*\/healthcheck\/[^/]+$/, "GetHealthCheck"],
    [/^POST .*\/healthcheck\/[^/]+$/, "UpdateHealthCheck"],
    [/^DELETE .*\/healthcheck\/[^/]+$/, "DeleteHealthCheck"],
    [/^GET .*\/tags\//, "ListTagsForResource"],
    [/^POST .*\/tags\//, "ChangeTagsForResource"],
  ],
};

/** The parts of a bucket, by the first key of the query. IAM's names: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const bucketParts: Readonly<Record<string, string>> = {
  accelerate: "AccelerateConfiguration",
  acl: "BucketAcl",
  cors: "BucketCORS",
  encryption: "EncryptionConfiguration",
  lifecycle: "LifecycleConfiguration",
  location: "BucketLocation",
  logging: "BucketLogging",
  "object-lock": "BucketObjectLockConfiguration",
  ownershipControls: "BucketOwnershipControls",
  policy: "BucketPolicy",
  publicAccessBlock: "BucketPublicAccessBlock",
  replication: "ReplicationConfiguration",
  requestPayment: "BucketRequestPayment",
  tagging: "BucketTagging",
  versioning: "BucketVersioning",
  website: "BucketWebsite",
};

/** No permission of their own: a part is deleted with the permission to write it. */
const writtenByDeletion = [
  "EncryptionConfiguration",
  "LifecycleConfiguration",
  "BucketOwnershipControls",
  "BucketPublicAccessBlock",
];

function bucketAction(method: string, url: URL): string {
  const [key = ""] = url.searchParams.keys();
  const part = bucketParts[key];
  if (part !== undefined) {
    const verb = method === "GET" ? "Get" : method === "DELETE" && !writtenByDeletion.includes(part) ? "Delete" : "Put";
    return `${verb}${part}`;
  }
  if (key === "versions") return "ListBucketVersions";
  return { HEAD: "ListBucket", GET: "ListBucket", PUT: "CreateBucket", DELETE: "DeleteBucket" }[method] ?? method;
}

/** The action that IAM checks for a request; undefined for one without a signature, such as a push to a registry. */
export function actionOf({ headers, method = "", url = "" }: IncomingMessage, named: string): string | undefined {
  const [, signed] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? "") ?? [];
  if (signed === undefined) return undefined;
  const service = services[signed] ?? signed;
  const asked = new URL(url, "http://aws");
  if (service === "s3") return `s3:${bucketAction(method, asked)}`;
  const request = `${method} ${asked.pathname}`;
  const found = rest[service]?.find(([pattern]) => pattern.test(request));
  return `${service}:${found?.[1] ?? named}`;
}
