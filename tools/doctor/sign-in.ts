import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { AwsConnection } from "../../components/aws/connection";
import { ecrAccess } from "../../components/aws/ecr";
import { awsReason, signInFault } from "../../components/aws/fault";
import { type Diagnosis, notChecked, ok, problem } from "./check";

export interface SignIn {
  readonly diagnosis: Diagnosis;
  /** Whether further calls make sense. */
  readonly isSignedIn: boolean;
}

type Access = (connection: AwsConnection) => Promise<{ readonly url: string }>;

/** By the sign-in to the account's registry, which a build needs as well. The address of the registry has the account. */
export async function signIn(connection: AwsConnection, access: Access = ecrAccess): Promise<SignIn> {
  try {
    const { url } = await access(connection);
    const account = /\d{12}/.exec(url)?.[0];
    return {
      isSignedIn: true,
      diagnosis: ok(`Signed in to ${account ? `account ${account}` : url} and its registry.`),
    };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return failedSignIn(reason, connection.profile);
  }
}

function failedSignIn(reason: string, profile?: string): SignIn {
  const fault = signInFault(reason, profile);
  if (fault === undefined) {
    const isSignedIn = /AccessDenied|not authorized/.test(reason);
    const cause = awsReason(reason).replace(/^Error: /, "");
    return { isSignedIn, diagnosis: problem(`No sign-in to the registry of the account: ${cause}`) };
  }
  if (!/could not load credentials|no valid credential/i.test(reason))
    return { isSignedIn: false, diagnosis: problem(fault) };
  const rest = "No credentials, so not checked: account, registry, quotas, hosted zone, images, network";
  const how = "Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in with the AWS CLI";
  return { isSignedIn: false, diagnosis: notChecked(`${rest}. ${how}:`, firstCommand()) };
}

/** `aws sso login` fails without a profile. */
const firstCommand = () =>
  existsSync(process.env.AWS_CONFIG_FILE ?? join(homedir(), ".aws/config")) ? "aws sso login" : "aws configure sso";
