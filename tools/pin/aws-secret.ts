import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type AwsConnection, clientConfig } from "../../components/aws/connection";
import { UserError } from "../cli/user-error";

const run = promisify(execFile);
const limitMs = 60_000;

/** The AWS CLI reads it, with the identity of the stack: this is the only call to Secrets Manager, not worth the SDK's package. */
export async function secretValue(arn: string, connection: AwsConnection): Promise<string> {
  const { credentials, endpoint } = await clientConfig(connection, "secretsmanager");
  const { accessKeyId, secretAccessKey, sessionToken } =
    typeof credentials === "function" ? await credentials() : credentials;
  const [, , , region = ""] = arn.split(":");
  const where = ["--region", region, ...(endpoint ? ["--endpoint-url", endpoint] : [])];
  const what = ["--secret-id", arn, "--query", "SecretString", "--output", "text"];
  const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...shell } = process.env;
  const identity = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
  };
  try {
    const args = ["secretsmanager", "get-secret-value", ...what, ...where];
    return (await run("aws", args, { timeout: limitMs, env: { ...shell, ...identity } })).stdout.trim();
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    const reason = code === "ENOENT" ? "there is no aws on PATH (https://aws.amazon.com/cli)" : stderr.trim();
    throw new UserError(`imageCredentials is ${arn}, which could not be read: ${reason || String(error)}`);
  }
}
