import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ImageCredentials } from "../core/deployment";
import { readSecrets } from "../iam/role";
import { createAddon, type OwnCluster } from "./addon";
import type { Cluster } from "./cluster";

/** What a pod mounts and reads to get secrets from AWS. No value is in Pulumi's state. */
export interface PodSecrets {
  readonly providerClassName: pulumi.Input<string>;
  /** The Kubernetes secret that the driver keeps while a pod mounts the class. */
  readonly secretName: string;
  /** The same for pulls of images. The kubelet mounts volumes before it reads it, and pulls again if the driver is late. */
  readonly pullSecretName?: string;
}

export interface SecretsArgs {
  readonly secrets: Readonly<Record<string, string>>;
  readonly imageCredentials?: ImageCredentials;
  readonly region: string;
  readonly cluster: Cluster;
  /** Whether pods run on nodes with a taint. */
  readonly hasTaints: boolean;
  readonly namespace: pulumi.Input<string>;
}

export function createSecrets(name: string, args: SecretsArgs, inside: pulumi.ResourceOptions): PodSecrets | undefined {
  const { secrets, imageCredentials, region, cluster, hasTaints, namespace } = args;
  if (Object.keys(secrets).length === 0 && !imageCredentials) return undefined;
  const driver = cluster.own
    ? [
        createDriver(
          name,
          { cluster: cluster.own, hasTaints },
          { ...inside, dependsOn: [...cluster.options.dependsOn] },
        ),
      ]
    : [];
  const secretName = `${name}-secrets`;
  const pullSecretName = `${name}-image-pull`;
  const objects = [...fetchedObjects(secrets), ...(imageCredentials ? [pullObject(imageCredentials)] : [])];
  const providerClass = new k8s.apiextensions.CustomResource(
    `${name}-secrets`,
    {
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: { namespace },
      spec: {
        provider: "aws",
        parameters: { region, usePodIdentity: "true", objects: JSON.stringify(objects) },
        secretObjects: [
          ...(Object.keys(secrets).length > 0 ? [variablesSecret(secretName, secrets)] : []),
          ...(imageCredentials ? [pullSecret(pullSecretName)] : []),
        ],
      },
    },
    { ...inside, provider: cluster.options.provider, dependsOn: driver },
  );
  const providerClassName = providerClass.metadata.name;
  return { providerClassName, secretName, ...(imageCredentials && { pullSecretName }) };
}

const variablesSecret = (secretName: string, secrets: Readonly<Record<string, string>>) => ({
  secretName,
  type: "Opaque",
  data: Object.keys(secrets).map((variable) => ({ objectName: variable, key: variable })),
});

/** No variable is named with a hyphen. */
const pullAlias = "image-pull";

/** The driver creates secrets of any type (https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret). */
const pullSecret = (secretName: string) => ({
  secretName,
  type: "kubernetes.io/dockerconfigjson",
  data: [{ objectName: pullAlias, key: ".dockerconfigjson" }],
});

/**
 * Makes Docker's form of {"username", "password"}, which ECS takes as it is. to_string writes an object as JSON, and the provider takes any
 * text that JMESPath finds (go-jmespath, functions.go; secrets-store-csi-driver-provider-aws, secret_value.go). A missing part is an error.
 *
 * The kubelet waits for the volumes of a pod before it reads pull secrets (kubelet.go, SyncPod: WaitForAttachAndMount, then
 * getPullSecretsForPod). The driver creates the secret just after the mount: the first pull of a new secret may fail once and is repeated.
 */
function pullObject({ secretArn, registry }: ImageCredentials): FetchedObject {
  const dockerConfig = `{auths: {${JSON.stringify(registry)}: {username: username, password: password}}}`;
  const path = `username && password && to_string(${dockerConfig})`;
  return { objectName: secretArn, objectAlias: `${pullAlias}-secret`, jmesPath: [{ path, objectAlias: pullAlias }] };
}

export const secretsAddon = {
  addonName: "aws-secrets-store-csi-driver-provider",
  configuration: { "secrets-store-csi-driver": { syncSecret: { enabled: true } } },
} as const;

const createDriver = (
  name: string,
  { cluster, hasTaints }: { readonly cluster: OwnCluster; readonly hasTaints: boolean },
  options: pulumi.CustomResourceOptions,
) =>
  createAddon(
    `${name}-secrets`,
    {
      cluster,
      addonName: secretsAddon.addonName,
      configuration: {
        ...secretsAddon.configuration,
        // Unlike the driver, its AWS provider tolerates no taint by default (secrets-store-csi-driver-provider-aws#267).
        ...(hasTaints && { tolerations: [{ operator: "Exists" }] }),
      },
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
export function secretStatements({ secrets, imageCredentials }: Pick<SecretsArgs, "secrets" | "imageCredentials">) {
  const arns = [...Object.values(secrets), ...(imageCredentials ? [imageCredentials.secretArn] : [])];
  return readSecrets(arns, ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]);
}
