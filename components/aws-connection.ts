import { deploymentError } from "./problems";

/** How to reach AWS as the Pulumi AWS provider is configured to, so that both see the same account. */
export interface AwsConnection {
  readonly region?: string;
  readonly profile?: string;
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly assumeRole?: { readonly roleArn: string; readonly externalId?: string };
  /** Service, as the provider names it -> url. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** From the `aws:` keys of a stack's configuration, whose lists and objects arrive as JSON text. */
export function awsConnection(config: Readonly<Record<string, unknown>>): AwsConnection {
  const text = (key: string) => {
    const value = config[`aws:${key}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [role] = listOf(config["aws:assumeRoles"]);
  const accessKeyId = text("accessKey");
  const secretAccessKey = text("secretKey");
  return {
    region: text("region"),
    profile: text("profile"),
    ...(accessKeyId && secretAccessKey && { keys: { accessKeyId, secretAccessKey, sessionToken: text("token") } }),
    ...(role?.roleArn && { assumeRole: { roleArn: role.roleArn, externalId: role.externalId } }),
    endpoints: Object.assign({}, ...listOf(config["aws:endpoints"])),
  };
}

function listOf(value: unknown): Record<string, string>[] {
  const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return Array.isArray(parsed) ? parsed : [];
}

/** Left to itself the SDK waits for an answer without end. */
const patience = { connectionTimeout: 5_000, requestTimeout: 20_000, throwOnRequestTimeout: true };

/** The configuration of an AWS SDK client for one service. */
export async function clientConfig(connection: AwsConnection, service: string) {
  // The SDK's word about Node 20 concerns its future versions; the lockfile holds this one.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const { region, profile, keys, assumeRole, endpoints } = connection;
  const base = keys ?? fromNodeProviderChain({ profile });
  const credentials = assumeRole
    ? fromTemporaryCredentials({
        masterCredentials: base,
        params: { RoleArn: assumeRole.roleArn, ExternalId: assumeRole.externalId },
        clientConfig: { region, endpoint: endpoints.sts },
      })
    : base;
  return { region, credentials, endpoint: endpoints[service], maxAttempts: 5, requestHandler: patience };
}

/** Makes it when first asked for, and only then. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** A question that was not answered is told as such: no answer is not a good answer. */
export async function asking<T>(service: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw deploymentError(
      `${service} could not be asked whether the deployment worked, so it is not called a success: ${reason}`,
    );
  }
}
