import type { FromTemporaryCredentialsOptions } from "@aws-sdk/credential-providers";
import { deploymentError } from "../core/problems";
import { awsReason, signInFault } from "./fault";

/** How to reach AWS as the Pulumi AWS provider is configured to, so that both see the same account. */
export interface AwsConnection {
  readonly region?: string;
  readonly profile?: string;
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** Assumed one after the other; the last one makes the calls. */
  readonly assumeRoles: readonly AssumedRole[];
  /** Service, as the provider names it -> url. */
  readonly endpoints: Readonly<Record<string, string>>;
}

interface AssumedRole {
  readonly roleArn: string;
  readonly externalId?: string;
}

/** From the `aws:` keys of a stack's configuration, whose lists and objects arrive as JSON text. */
export function awsConnection(config: Readonly<Record<string, unknown>>): AwsConnection {
  const text = (key: string) => {
    const value = config[`aws:${key}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const accessKeyId = text("accessKey");
  const secretAccessKey = text("secretKey");
  return {
    region: text("region"),
    profile: text("profile"),
    ...(accessKeyId && secretAccessKey && { keys: { accessKeyId, secretAccessKey, sessionToken: text("token") } }),
    assumeRoles: listOf(config["aws:assumeRoles"]).flatMap(({ roleArn, externalId }) =>
      roleArn ? [{ roleArn, externalId }] : [],
    ),
    endpoints: Object.assign({}, ...listOf(config["aws:endpoints"])),
  };
}

function listOf(value: unknown): Record<string, string>[] {
  const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return Array.isArray(parsed) ? parsed : [];
}

/** By default the SDK has no request timeout. */
const patience = { connectionTimeout: 5_000, requestTimeout: 20_000, throwOnRequestTimeout: true };

/** The configuration of an AWS SDK client for one service. */
export async function clientConfig(connection: AwsConnection, service: string) {
  // The SDK's warning about Node 20 concerns future versions; the lockfile pins this one.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const { region, profile, keys, assumeRoles, endpoints } = connection;
  const credentials = assumeRoles.reduce<NonNullable<FromTemporaryCredentialsOptions["masterCredentials"]>>(
    (masterCredentials, { roleArn, externalId }) =>
      fromTemporaryCredentials({
        masterCredentials,
        params: { RoleArn: roleArn, ExternalId: externalId },
        clientConfig: { region, endpoint: endpoints.sts },
      }),
    keys ?? fromNodeProviderChain({ profile }),
  );
  return { region, credentials, endpoint: endpoints[service], maxAttempts: 5, requestHandler: patience };
}

/** Creates the value at the first call and returns the same one afterwards. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Turns a failed AWS call into a deployment error: without an answer a deployment is not called a success. */
export async function asking<T>(service: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const consequence = "so it is treated as failed";
    throw deploymentError(
      signInFault(reason) ??
        `Could not query ${service} for the status of the deployment, ${consequence}: ${awsReason(reason)}`,
    );
  }
}
