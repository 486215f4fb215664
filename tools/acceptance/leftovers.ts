import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type AwsConnection, clientConfig } from "../../components/aws/connection";
import { reasonOf } from "../../components/core/reason";
import { UserError } from "../cli/user-error";
import { runTag } from "./stack-copy";

/** A resource that AWS still lists after the destroy. */
export interface Leftover {
  readonly arn: string;
  /** Why AWS keeps it, if it is one of those that a destroy cannot remove. */
  readonly kept?: string;
  readonly remove: string;
}

/** Asks the AWS CLI, which a stack on EKS needs anyway. Returns the JSON that it prints. */
export type AskAws = (service: string, args: readonly string[]) => Promise<unknown>;

const run = promisify(execFile);

export function awsCli(connection: AwsConnection): AskAws {
  return async (service, args) => {
    const { region, endpoints } = connection;
    const { credentials } = await clientConfig(connection, service);
    const keys = typeof credentials === "function" ? await credentials() : credentials;
    const endpoint = endpoints[service];
    const options = [...(region ? ["--region", region] : []), ...(endpoint ? ["--endpoint-url", endpoint] : [])];
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      ...(keys.sessionToken && { AWS_SESSION_TOKEN: keys.sessionToken }),
      AWS_PAGER: "",
    };
    try {
      const { stdout } = await run("aws", [service, ...args, "--output", "json", ...options], { env, timeout: 60_000 });
      return JSON.parse(stdout.trim() === "" ? "null" : stdout);
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string };
      if (code === "ENOENT") throw new UserError("There is no aws on PATH: https://aws.amazon.com/cli");
      throw new UserError(`aws ${service} ${args[0]} failed: ${stderr?.trim() || reasonOf(error)}`);
    }
  };
}

/** What AWS goes on listing, and the state in which it is gone. docs/operations.md lists them. */
interface Lingering {
  readonly pattern: RegExp;
  readonly service: string;
  readonly args: (id: string) => readonly string[];
  readonly state: (answer: unknown) => unknown;
  readonly gone: readonly string[];
  readonly why: string;
}

const field = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inside, key) => (inside as Record<string | number, unknown> | undefined)?.[key], value);

const lingering: readonly Lingering[] = [
  {
    pattern: /:kms:.*:key\/(.+)$/,
    service: "kms",
    args: (id) => ["describe-key", "--key-id", id],
    state: (answer) => field(answer, "KeyMetadata", "KeyState"),
    gone: ["PendingDeletion"],
    why: "pending deletion, costs nothing",
  },
  {
    pattern: /:ecs:.*:(task-definition\/.+)$/,
    service: "ecs",
    args: (id) => ["describe-task-definition", "--task-definition", id.replace("task-definition/", "")],
    state: (answer) => field(answer, "taskDefinition", "status"),
    gone: ["INACTIVE", "DELETE_IN_PROGRESS"],
    why: "inactive, costs nothing",
  },
  {
    pattern: /:ec2:.*:natgateway\/(.+)$/,
    service: "ec2",
    args: (id) => ["describe-nat-gateways", "--nat-gateway-ids", id],
    state: (answer) => field(answer, "NatGateways", 0, "State"),
    gone: ["deleted", "deleting"],
    why: "deleted, listed for an hour",
  },
  {
    pattern: /:ec2:.*:instance\/(.+)$/,
    service: "ec2",
    args: (id) => ["describe-instances", "--instance-ids", id],
    state: (answer) => field(answer, "Reservations", 0, "Instances", 0, "State", "Name"),
    gone: ["terminated", "shutting-down"],
    why: "terminated, listed for an hour",
  },
];

/** ARN -> the command that deletes it. $1 is what the pattern found. */
const removals: readonly (readonly [RegExp, string])[] = [
  [/^(.*:elasticloadbalancing:.*:loadbalancer\/.*)$/, "aws elbv2 delete-load-balancer --load-balancer-arn $1"],
  [/^(.*:elasticloadbalancing:.*:targetgroup\/.*)$/, "aws elbv2 delete-target-group --target-group-arn $1"],
  [/:ecs:.*:service\/([^/]+)\/(.+)$/, "aws ecs delete-service --force --cluster $1 --service $2"],
  [/:ecs:.*:cluster\/(.+)$/, "aws ecs delete-cluster --cluster $1"],
  [/:eks:.*:cluster\/([^/]+)$/, "aws eks delete-cluster --name $1"],
  [/:ecr:.*:repository\/(.+)$/, "aws ecr delete-repository --force --repository-name $1"],
  [/:logs:.*:log-group:(.+?)(?::\*)?$/, "aws logs delete-log-group --log-group-name $1"],
  [/:cloudwatch:.*:alarm:(.+)$/, "aws cloudwatch delete-alarms --alarm-names '$1'"],
  [/^arn:[^:]+:s3:::(.+)$/, "aws s3 rb --force s3://$1"],
  [/:ec2:.*:natgateway\/(.+)$/, "aws ec2 delete-nat-gateway --nat-gateway-id $1"],
  [/:ec2:.*:elastic-ip\/(.+)$/, "aws ec2 release-address --allocation-id $1"],
  [/:ec2:.*:instance\/(.+)$/, "aws ec2 terminate-instances --instance-ids $1"],
  [/:ec2:.*:volume\/(.+)$/, "aws ec2 delete-volume --volume-id $1"],
  [/:ec2:.*:network-interface\/(.+)$/, "aws ec2 delete-network-interface --network-interface-id $1"],
  [/:ec2:.*:vpc-endpoint\/(.+)$/, "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids $1"],
  [/:ec2:.*:security-group\/(.+)$/, "aws ec2 delete-security-group --group-id $1"],
  [/:ec2:.*:subnet\/(.+)$/, "aws ec2 delete-subnet --subnet-id $1"],
  [/:ec2:.*:vpc\/(.+)$/, "aws ec2 delete-vpc --vpc-id $1"],
  [/:kms:.*:key\/(.+)$/, "aws kms schedule-key-deletion --pending-window-in-days 7 --key-id $1"],
  [/:ecs:.*:task-definition\/(.+)$/, "aws ecs delete-task-definitions --task-definitions $1"],
  [/^(.*:sns:.*)$/, "aws sns delete-topic --topic-arn $1"],
  [/^(.*:secretsmanager:.*)$/, "aws secretsmanager delete-secret --secret-id $1"],
];

export function removalOf(arn: string): string {
  for (const [pattern, command] of removals) {
    const found = pattern.exec(arn);
    if (found) return command.replace(/\$(\d)/g, (_, part) => found[Number(part)] ?? "");
  }
  return `the console of ${arn.split(":")[2]}`;
}

interface Listed {
  readonly ResourceTagMappingList?: readonly { readonly ResourceARN: string }[];
}

/** Auto Mode tags what it creates with the cluster, and its managed policies allow no other tags: https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html */
const clusterTag = "eks:eks-cluster-name";
const autoModeTypes = ["ec2:instance", "ec2:volume", "ec2:network-interface"];

/** Everything with the run's tag, what Auto Mode created for its clusters, and the log groups that AWS itself creates for a cluster. */
export async function leftovers(aws: AskAws, run: string, clusters: readonly string[]): Promise<Leftover[]> {
  const tagged = await Promise.all([
    withTag(aws, [`Key=${runTag},Values=${run}`]),
    clusters.length === 0
      ? []
      : withTag(aws, [`Key=${clusterTag},Values=${clusters.join(",")}`, "--resource-type-filters", ...autoModeTypes]),
  ]);
  const own = await Promise.all([...new Set(tagged.flat())].map((arn) => judged(aws, arn)));
  const names = clusters.flatMap((name) => [
    `/aws/eks/${name}/cluster`,
    `/aws/ecs/containerinsights/${name}/performance`,
  ]);
  const groups = await Promise.all(names.map((name) => logGroup(aws, name)));
  return [...own, ...groups].filter((found) => found !== undefined);
}

async function withTag(aws: AskAws, filters: readonly string[]): Promise<string[]> {
  const found = (await aws("resourcegroupstaggingapi", ["get-resources", "--tag-filters", ...filters])) as Listed;
  return (found.ResourceTagMappingList ?? []).map(({ ResourceARN }) => ResourceARN);
}

async function judged(aws: AskAws, arn: string): Promise<Leftover | undefined> {
  const left = { arn, remove: removalOf(arn) };
  const rule = lingering.find(({ pattern }) => pattern.test(arn));
  const id = rule?.pattern.exec(arn)?.[1];
  if (rule === undefined || id === undefined) return left;
  try {
    const state = String(rule.state(await aws(rule.service, rule.args(id))));
    return rule.gone.includes(state) ? { ...left, kept: rule.why } : left;
  } catch (error) {
    // The list of tags lags behind. Any other error says nothing, so the resource counts as left.
    return /NotFound|does not exist/i.test(reasonOf(error)) ? undefined : left;
  }
}

interface LogGroups {
  readonly logGroups?: readonly { readonly logGroupName: string; readonly arn: string }[];
}

async function logGroup(aws: AskAws, name: string): Promise<Leftover | undefined> {
  const answer = (await aws("logs", ["describe-log-groups", "--log-group-name-prefix", name])) as LogGroups;
  const found = answer.logGroups?.find(({ logGroupName }) => logGroupName === name);
  return found && { arn: found.arn, kept: "AWS creates this log group", remove: removalOf(found.arn) };
}
