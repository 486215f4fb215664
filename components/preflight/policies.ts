import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { awsReason } from "../aws/fault";
import type { Problem } from "../core/problems";
import { reasonOf } from "../core/reason";
import type { Settings } from "../settings";
import { saysNone } from "./ask";

type PolicySettings = Pick<Settings, "permissions" | "permissionsBoundary">;

/** IAM would refuse a policy that does not exist when some roles have been created already. A misspelt path is enough: service-role/. */
export async function policyProblems(settings: PolicySettings, opts: pulumi.InvokeOptions): Promise<Problem[]> {
  const found = await Promise.all(named(settings).map(([key, arn]) => problemsOf(key, arn, opts)));
  return found.flat();
}

function named({ permissions, permissionsBoundary }: PolicySettings): (readonly [key: string, arn: string])[] {
  const policies = permissions.flatMap((given, index) =>
    "policy" in given ? [[`permissions[${index}].policy`, given.policy] as const] : [],
  );
  return permissionsBoundary === "none" ? policies : [...policies, ["permissionsBoundary", permissionsBoundary]];
}

/** A deployer who may not read policies learns it from IAM. */
async function problemsOf(key: string, arn: string, opts: pulumi.InvokeOptions): Promise<Problem[]> {
  try {
    await aws.iam.getPolicy({ arn }, opts);
    return [];
  } catch (error) {
    const reason = reasonOf(error);
    if (saysNone(reason)) return [{ key, value: arn, expected: "a policy that exists in this account, or one of AWS" }];
    await pulumi.log.info(`${key}: could not check whether ${arn} exists: ${awsReason(reason)}`);
    return [];
  }
}
