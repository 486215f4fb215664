import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { readSecrets, type Statement } from "../iam/role";
import { createAddon, type OwnCluster } from "./addon";
import type { Cluster } from "./cluster";

/** What a pod mounts and reads to get secrets from AWS. No value is in Pulumi's state. */
export interface PodSecrets {
  readonly providerClassName: pulumi.Input<string>;
  /** The Kubernetes secret that the driver keeps while a pod mounts the class. */
  readonly secretName: string;
}

export interface SecretsArgs {
  readonly secrets: Readonly<Record<string, string>>;
  readonly region: string;
  readonly cluster: Cluster;
  readonly namespace: pulumi.Input<string>;
}

export function createSecrets(name: string, args: SecretsArgs, inside: pulumi.ResourceOptions): PodSecrets | undefined {
  const { secrets, region, cluster, namespace } = args;
  if (Object.keys(secrets).length === 0) return undefined;
  const driver = cluster.own
    ? [createDriver(name, cluster.own, { ...inside, dependsOn: [...cluster.options.dependsOn] })]
    : [];
  const secretName = `${name}-secrets`;
  const providerClass = new k8s.apiextensions.CustomResource(
    `${name}-secrets`,
    {
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: { namespace },
      spec: {
        provider: "aws",
        parameters: { region, usePodIdentity: "true", objects: JSON.stringify(fetchedObjects(secrets)) },
        secretObjects: [
          {
            secretName,
            type: "Opaque",
            data: Object.keys(secrets).map((variable) => ({ objectName: variable, key: variable })),
          },
        ],
      },
    },
    { ...inside, provider: cluster.options.provider, dependsOn: driver },
  );
  return { providerClassName: providerClass.metadata.name, secretName };
}

const createDriver = (name: string, cluster: OwnCluster, options: pulumi.CustomResourceOptions) =>
  createAddon(
    `${name}-secrets`,
    {
      cluster,
      addonName: "aws-secrets-store-csi-driver-provider",
      configuration: { "secrets-store-csi-driver": { syncSecret: { enabled: true } } },
    },
    options,
  );

interface SecretReference {
  /** Of the secret or the parameter. */
  readonly arn: string;
  readonly jsonKey?: string;
  readonly stage?: string;
  readonly version?: string;
}

/** ECS takes arn:...:secret:name:json-key:version-stage:version-id, each of the three may be empty. */
function parseReference(text: string): SecretReference {
  if (!text.includes(":secretsmanager:")) return { arn: text };
  const parts = text.split(":");
  const [jsonKey, stage, version] = parts.slice(7).map((part) => part || undefined);
  return { arn: parts.slice(0, 7).join(":"), jsonKey, stage, version };
}

/**
 * One object for each version of each secret: the provider refuses a second one of the same name without an alias of its own
 * (secrets-store-csi-driver-provider-aws, secret_descriptor.go). An alias with a hyphen is no variable's name.
 */
function fetchedObjects(secrets: Readonly<Record<string, string>>): FetchedObject[] {
  const whole: FetchedObject[] = [];
  const keyed = new Map<string, FetchedObject & { readonly jmesPath: KeyPath[] }>();
  for (const [variable, text] of Object.entries(secrets)) {
    const { jsonKey, ...version } = parseReference(text);
    if (jsonKey === undefined) whole.push({ ...objectOf(version), objectAlias: variable });
    else {
      const id = JSON.stringify(version);
      const object = keyed.get(id) ?? { ...objectOf(version), objectAlias: `${variable}-secret`, jmesPath: [] };
      object.jmesPath.push({ path: textAt(jsonKey), objectAlias: variable });
      keyed.set(id, object);
    }
  }
  return [...whole, ...keyed.values()];
}

interface KeyPath {
  readonly path: string;
  readonly objectAlias: string;
}

/** As the AWS provider of the Secrets Store driver reads it. */
interface FetchedObject {
  readonly objectName: string;
  readonly objectVersionLabel?: string;
  readonly objectVersion?: string;
  readonly objectAlias: string;
  readonly jmesPath?: readonly KeyPath[];
}

const objectOf = ({ arn, stage, version }: Omit<SecretReference, "jsonKey">) => ({
  objectName: arn,
  ...(stage && { objectVersionLabel: stage }),
  ...(version && { objectVersion: version }),
});

/**
 * A key as JMESPath: quoted, so that it may hold any character, and as text, because the provider takes nothing else and ECS takes
 * numbers too, such as the port in a secret of RDS. A missing key is an error.
 */
function textAt(key: string): string {
  const quoted = JSON.stringify(key);
  return `${quoted} && to_string(${quoted})`;
}

/** Read by the pod's own role: on ECS the execution role does it before the container starts. */
export const secretStatements = (secrets: Readonly<Record<string, string>>): Statement[] =>
  readSecrets(secrets, ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]);
