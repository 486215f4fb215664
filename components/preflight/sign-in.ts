import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsConnection } from "../aws/connection";
import { awsReason, signInFault } from "../aws/fault";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";

/**
 * Runs before all other checks, so that a failed sign-in is one line and not one for each check. The call needs no permission
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
 */
export async function checkSignIn(
  { profile }: Pick<AwsConnection, "profile">,
  opts: pulumi.InvokeOptions,
): Promise<void> {
  try {
    await aws.getCallerIdentity({}, opts);
  } catch (error) {
    const reason = reasonOf(error);
    const other = `Could not sign in to AWS (check with aws sts get-caller-identity): ${awsReason(reason)}`;
    throw deploymentError(signInFault(reason, profile) ?? other);
  }
}
