import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../core/problems";
import { reasonOf } from "../../core/reason";
import { ask } from "../../preflight/ask";
import type { Running } from "../../preflight/running";
import type { Settings } from "../../settings";

type ClusterSettings = Pick<Settings, "eks" | "clusterName" | "region" | "stack">;

/** Checks a cluster that this program creates or upgrades. EKS would refuse some of these settings only after minutes. */
export async function ownClusterProblems(
  settings: ClusterSettings,
  running: Running,
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  const { eks, clusterName } = settings;
  const { names = [] } = (await ask("the names of the clusters", aws.eks.getClusters({}, opts))) ?? {};
  if (!names.includes(clusterName)) {
    return [...(await newVersionProblems(eks, opts)), ...(await creatorProblems(eks.deployerArns, opts))];
  }
  if (running.isKnown && running.cluster?.name !== clusterName) return [takenName(settings)];
  const found = await ask(`the cluster ${clusterName}`, aws.eks.getCluster({ name: clusterName }, opts));
  if (!found) return [];
  if (minorOf(eks.version) < minorOf(found.version)) warnOfOlderVersion(eks.version, found.version);
  else await warnOfSupport(eks, opts);
  return upgradeProblems(eks.version, found.version);
}

/** CreateCluster would fail with ResourceInUseException, minutes after the network is created. */
function takenName({ clusterName, region, stack }: Omit<ClusterSettings, "eks">): Problem {
  const expected =
    `no cluster of that name in ${region}, as stack ${stack} has none in its state: an interrupted pulumi up left it, or it belongs to ` +
    `another stack of that name. Run aws eks describe-cluster --name ${clusterName} --query 'cluster.[createdAt,tags]', then delete the ` +
    'cluster or rename the stack: docs/operations.md, "The cluster on EKS"';
  return { key: "EKS cluster name", value: clusterName, expected };
}

type Version = Pick<
  aws.types.output.eks.GetClusterVersionsClusterVersion,
  "clusterVersion" | "versionStatus" | "endOfStandardSupportDate"
>;

/** The versions that EKS lists: a table in the program would refuse new ones. Undefined when EKS does not answer. */
async function offeredVersions(opts: pulumi.InvokeOptions): Promise<readonly Version[] | undefined> {
  try {
    const { clusterVersions } = await aws.eks.getClusterVersions({}, opts);
    return clusterVersions;
  } catch (error) {
    pulumi.log.warn(`eks.version is not checked: EKS did not list its Kubernetes versions: ${reasonOf(error)}`);
    return undefined;
  }
}

/** EKS creates and keeps clusters on a version in extended support only with the support policy EXTENDED. */
const isOffered = ({ versionStatus }: Version, support: string) =>
  versionStatus === "STANDARD_SUPPORT" || (versionStatus === "EXTENDED_SUPPORT" && support === "EXTENDED");

async function newVersionProblems(
  { version, support }: ClusterSettings["eks"],
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  const fit = (await offeredVersions(opts))?.filter((one) => isOffered(one, support)).map((one) => one.clusterVersion);
  if (!fit || fit.includes(version)) return [];
  const expected = `a version that EKS offers in ${support.toLowerCase()} support: ${fit.sort().join(", ")}`;
  return [{ key: "eks.version", value: version, expected }];
}

/** A warning only: the operators decide when a running cluster is upgraded. */
async function warnOfSupport({ version, support }: ClusterSettings["eks"], opts: pulumi.InvokeOptions): Promise<void> {
  const found = (await offeredVersions(opts))?.find((one) => one.clusterVersion === version);
  if (!found || isOffered(found, support)) return;
  pulumi.log.warn(
    `eks.version is ${version}, whose standard support has ended: AWS upgrades the cluster by itself. Set eks.version to the next ` +
      "version, or eks.support to EXTENDED (at six times the price of the control plane).",
  );
}

/**
 * EKS goes back by one minor version, within 7 days, and never after an upgrade of its own:
 * https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html.
 */
function warnOfOlderVersion(wanted: string, current: string): void {
  pulumi.log.warn(
    `eks.version is ${wanted}, but the cluster runs ${current}: AWS or a person upgraded it. Add-ons follow eks.version, and EKS refuses ` +
      `to take a cluster back after an upgrade of its own. Set eks.version to ${current}.`,
  );
}

const minorOf = (version: string) => Number(version.split(".")[1]);

/** https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html: one minor version at a time. */
function upgradeProblems(wanted: string, current: string): Problem[] {
  if (minorOf(wanted) <= minorOf(current) + 1) return [];
  const expected = `1.${minorOf(current) + 1}: the cluster runs ${current}, and EKS upgrades one minor version at a time`;
  return [{ key: "eks.version", value: wanted, expected }];
}

/** EKS makes the creator an administrator and refuses a second entry for the same role with 409, after the cluster is created. */
async function creatorProblems(deployerArns: readonly string[], opts: pulumi.InvokeOptions): Promise<Problem[]> {
  if (deployerArns.length === 0) return [];
  const caller = await aws.getCallerIdentity({}, opts);
  return deployerArns.flatMap((value, index) => {
    if (!isSamePrincipal(value, caller.arn)) return [];
    const expected = "other roles and users than your own: EKS makes the creator of a cluster its administrator";
    return [{ key: `eks.deployerArns[${index}]`, value, expected }];
  });
}

/** A role signs in as `assumed-role/<name>/<session>`, without the path that its own arn has. */
function isSamePrincipal(principalArn: string, callerArn: string): boolean {
  const [, , , , account, caller = ""] = callerArn.split(":");
  const [kind, role] = caller.split("/");
  if (kind !== "assumed-role") return principalArn === callerArn;
  return principalArn.includes(`::${account}:role/`) && principalArn.endsWith(`/${role}`);
}
