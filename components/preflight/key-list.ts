import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../core/problems";
import { reasonOf } from "../core/reason";
import type { Settings } from "../settings";
import { saysNone } from "./ask";

/** The arn is not shown either: someone may have put a key in its place, which would then be in a log. */
const problem = (expected: string): Problem => ({ key: "apiKeys", value: "[not shown]", expected });

/**
 * The container refuses to start with an invalid list; this check finds one before anything is created. The value of the secret is not
 * stored: results of provider functions are not part of the state. A deployer without permission to read it gets a warning.
 */
export async function keyListProblems(
  { apiKeys }: Pick<Settings, "apiKeys">,
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  if (apiKeys === "none") return [];
  try {
    const fault = keyListFault(await secretValue(apiKeys, opts));
    return fault === undefined ? [] : [problem(fault)];
  } catch (error) {
    const reason = reasonOf(error);
    if (saysNone(reason)) return [problem("a secret that exists and has a value")];
    pulumi.log.warn(
      `apiKeys: this secret could not be read, so its format is checked only when a container starts: ${reason}`,
    );
    return [];
  }
}

/** The value that the containers get: the whole secret, or one key of its JSON when the arn ends in that key. */
async function secretValue(arn: string, opts: pulumi.InvokeOptions): Promise<string> {
  const parts = arn.split(":");
  const region = parts[3];
  if (parts[2] === "ssm") return (await aws.ssm.getParameter({ name: arn, withDecryption: true, region }, opts)).value;
  const [jsonKey, versionStage, versionId] = parts.slice(7);
  const { secretString } = await aws.secretsmanager.getSecretVersion(
    {
      secretId: parts.slice(0, 7).join(":"),
      versionStage: versionStage || undefined,
      versionId: versionId || undefined,
      region,
    },
    opts,
  );
  return jsonKey ? String(objectIn(secretString)[jsonKey] ?? "") : secretString;
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

const fitName = /^[\w.-]{1,64}$/;
const sha256 = /^[0-9a-f]{64}$/i;

/** What is wrong with a list, without any of its content; undefined when the container accepts it. */
export function keyListFault(text: string): string | undefined {
  const entries = Object.entries(objectIn(text));
  if (entries.length === 0) return 'a list of one key or more, as JSON: {"mobile": "<the SHA-256 of its key>"}';
  const unfit = entries.filter(([name, hash]) => !fitName.test(name) || !sha256.test(String(hash))).length;
  if (unfit === 0) return undefined;
  return `names of letters, digits, _, . and -, each with a SHA-256 in 64 hex digits; ${unfit} of ${entries.length} are not`;
}
