import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { readSecrets, type Statement } from "../role";
import type { Cluster } from "./cluster";

/** What a pod mounts and reads so that secrets reach it from AWS, without a value in Pulumi's state. */
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
  const driver = cluster.isOurs ? [createDriver(name, cluster, inside)] : [];
  const secretName = `${name}-secrets`;
  const providerClass = new k8s.apiextensions.CustomResource(
    `${name}-secrets`,
    {
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: { namespace },
      spec: {
        provider: "aws",
        parameters: { region, usePodIdentity: "true", objects: JSON.stringify(Object.entries(secrets).map(mounted)) },
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

const createDriver = (name: string, cluster: Cluster, inside: pulumi.ResourceOptions) =>
  new aws.eks.Addon(
    `${name}-secrets`,
    {
      clusterName: cluster.name,
      addonName: "aws-secrets-store-csi-driver-provider",
      configurationValues: JSON.stringify({ "secrets-store-csi-driver": { syncSecret: { enabled: true } } }),
    },
    { ...inside, dependsOn: [...cluster.options.dependsOn] },
  );

/** ECS takes arn:...:secret:name:json-key:stage:version for one key of a secret; the driver takes a path into it. */
function mounted([variable, arn]: [string, string]) {
  const parts = arn.split(":");
  const [objectName, jsonKey] = [parts.slice(0, 7).join(":"), parts[7]];
  if (!arn.includes(":secretsmanager:") || !jsonKey) return { objectName, objectAlias: variable };
  return { objectName, jmesPath: [{ path: jsonKey, objectAlias: variable }] };
}

/** Read by the pod's own role: on ECS the execution role does it before the container starts. */
export const secretStatements = (secrets: Readonly<Record<string, string>>): Statement[] =>
  readSecrets(secrets, ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]);
