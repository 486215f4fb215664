import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { type EmulatorEndpoint, sendRequest } from "../../../emulator/support/endpoint";

/** Values of a container's secrets, by variable: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html */
export async function secretsOf(emulator: EmulatorEndpoint, { secrets = [] }: ContainerDefinition) {
  const read = secrets.map(
    async ({ name = "", valueFrom = "" }) => [name, await readSecret(emulator, valueFrom)] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

async function readSecret(emulator: EmulatorEndpoint, valueFrom: string): Promise<string> {
  const [arn, key] = parts(valueFrom);
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue" };
  const request = { headers, body: JSON.stringify({ SecretId: arn }) };
  const answer = await sendRequest(emulator, "secretsmanager", request).catch((error: Error) => {
    throw new Error(`ResourceInitializationError: unable to pull secrets or registry auth: ${arn}: ${error.message}`);
  });
  const { SecretString = "" } = JSON.parse(answer) as { SecretString?: string };
  return key ? String((JSON.parse(SecretString) as Record<string, unknown>)[key]) : SecretString;
}

/** arn:aws:secretsmanager:<region>:<account>:secret:<name>:<key>:<stage>:<version> */
function parts(valueFrom: string): [arn: string, key: string] {
  const words = valueFrom.split(":");
  const [, , service] = words;
  if (service === "secretsmanager") return [words.slice(0, 7).join(":"), words[7] ?? ""];
  throw new Error(
    `ResourceInitializationError: secret ${valueFrom} is not in Secrets Manager, the only store that this tier reads`,
  );
}
