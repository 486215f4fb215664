import type * as pulumi from "@pulumi/pulumi";
import type { Rollout } from "./rollout";
import type { Workload } from "./workload";

/** An image by its digest. */
export interface Image {
  /** repository@sha256:... */
  readonly reference: pulumi.Input<string>;
  /** Set for images in ECR: the repository that the pull needs permission for. */
  readonly repositoryArn?: pulumi.Input<string>;
  /** Set for an image in another registry that needs a sign-in. */
  readonly credentials?: ImageCredentials;
}

/** A sign-in to a registry. The platform reads it when it pulls the image. */
export interface ImageCredentials {
  /** Of a secret in Secrets Manager with a username and a password. */
  readonly secretArn: string;
  /** As Docker names it in its own credentials. */
  readonly registry: string;
}

/** A workload with what its platform needs to run it as a service. */
export interface ServiceArgs {
  readonly workload: Workload;
  readonly route: {
    readonly targetGroupArn: pulumi.Input<string>;
    readonly targetGroupArnSuffix: pulumi.Input<string>;
    readonly loadBalancerArnSuffix: pulumi.Input<string>;
  };
  readonly image: Image;
  /** Replicas to start with. Autoscaling owns the count from then on. */
  readonly firstReplicas: pulumi.Input<number>;
  /** Alarms that roll a deployment back. */
  readonly rollbackAlarmNames: readonly pulumi.Input<string>[];
}

/** A workload that runs on its platform. */
export interface Deployment {
  readonly workload: Workload;
  /** The platform's service. The public rule depends on it. */
  readonly resource: pulumi.Resource;
  readonly rollout: pulumi.Output<Rollout>;
  readonly utilization: Utilization;
  /** Commands and addresses, for the stack output `variants`. */
  readonly access: Readonly<Record<string, pulumi.Output<string>>>;
}

/** The metrics of a deployment's replicas. Those that the platform does not publish are absent. */
export interface Utilization {
  readonly replicas?: PlatformMetric;
  readonly cpuPercent?: PlatformMetric;
  readonly memoryPercent?: PlatformMetric;
}

export interface PlatformMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
}

/** All deployments on one target. */
export interface Platform<Outputs = object> {
  readonly target: string;
  readonly deployments: readonly Deployment[];
  /** The log group of its containers. Absent if the program does not collect the logs. */
  readonly logGroupName?: pulumi.Output<string>;
  /** Stack outputs. */
  readonly outputs: Outputs;
}
