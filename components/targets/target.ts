import type * as pulumi from "@pulumi/pulumi";
import type { AwsConnection } from "../aws/connection";
import type { Platform, ServiceArgs } from "../core/deployment";
import type { GatewayGroup } from "../core/entrance";
import type { Problem } from "../core/problems";
import type { Attachment } from "../core/traffic-route";
import type { FoundPlace } from "../preflight/network";
import type { Running } from "../preflight/running";
import type { Period, Priceable } from "../pricing";
import type { Item } from "../pricing/line";
import type { Settings, Values } from "../settings";
import type { Profile } from "./profile";

/** Where the container runs: on AWS behind the load balancer, or in Docker on the machine that runs the program. */
export type Place = "aws" | "this machine";

/**
 * The interface of a platform to the rest of the program. Settings, preflight, prices and tools loop over the list of targets and read
 * their capabilities; only a target's own folder writes its name. Keep target.ts light: it loads its component only when used.
 */
export interface Target<Name extends string = string, Where extends Place = Place> {
  /** As the settings write it. */
  readonly name: Name;
  /** In a heading or a sentence, such as "ECS Fargate". */
  readonly title: string;
  /** In a table or a chart, such as "ECS". */
  readonly label: string;
  /** The type of its ComponentResource: every resource below one belongs to the target. */
  readonly componentType: string;
  readonly runsOn: Where;
  readonly capabilities: Capabilities;
  /** Notes on settings that do not apply to it, or have another meaning there. An unknown region is empty. */
  notes(values: Values, region: string): readonly Note[];
  /** Checks of the settings against the account, before the first resource and in previews. */
  preflight(settings: Settings, account: Account): Promise<readonly Problem[]>;
  readonly pricing: TargetPricing;
}

/** A platform behind the load balancer. */
export interface AwsTarget<Name extends string, Outputs> extends Target<Name, "aws"> {
  /** Settings for its target groups. */
  attachment(settings: Settings): Attachment;
  /** What `npm run compare` reports beside prices. Only what runs on AWS is compared. */
  profile(): Promise<Profile>;
  /** Loads the target's component and creates it. */
  create(name: string, args: PlatformArgs, opts: pulumi.ComponentResourceOptions): Promise<Platform<Outputs>>;
}

/** What a stack gives each of its platforms. */
export interface PlatformArgs {
  readonly settings: Settings;
  /** The workloads on this target. */
  readonly services: readonly ServiceArgs[];
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly privateSubnetIds: pulumi.Input<string[]>;
    gatewaySubnetCidrs(): pulumi.Input<readonly string[]>;
  };
  readonly gatewaySecurityGroups: readonly GatewayGroup[];
  readonly connection: AwsConnection;
}

/** Prices that depend on the number of replicas. Fixed prices depend on the resource type. */
export interface TargetPricing {
  /** Replicas with their metrics, and the target's own machines. `replicas` is the number of each variant. */
  items(stack: Priceable, replicas: number, period: Period): readonly Item[];
  /** Replicas only, to price another size. */
  replicas(stack: ReplicaPlace, count: number, period: Period): readonly Item[];
}

export type ReplicaPlace = Pick<Priceable, "region" | "spec" | "spot" | "bounds" | "podZones" | "nodeCpu">;

/** Access to the account, for the checks of every target. */
export interface Account {
  readonly connection: AwsConnection;
  readonly running: Running;
  /** Resolves while the checks of the targets run. */
  readonly place: Promise<FoundPlace>;
  /** Whether to ask the API server of an existing cluster. A preview does not: it may have no access. */
  readonly asksCluster: boolean;
  readonly opts: pulumi.InvokeOptions;
}

/** A line about the settings of a stack that uses the target. */
export interface Note {
  readonly applies: boolean;
  readonly text: string;
  /** A warning, because the setting can cause harm. */
  readonly warns?: true;
}

/** What only some platforms can do. */
export interface Capabilities {
  /** Runs its replicas in the cluster that the key `eks` describes. */
  readonly cluster: boolean;
  /** Follows the replica bounds of each window in `schedule`. */
  readonly schedule: boolean;
  /** Scales on `scaling.requestsPerMinutePerReplica`. */
  readonly requestScaling: boolean;
  /** Opens the replicas to the security groups in `internalCallers`. */
  readonly internalCallers: boolean;
}
