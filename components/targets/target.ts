import type * as pulumi from "@pulumi/pulumi";
import type { AwsConnection } from "../aws/connection";
import type { Platform, ServiceArgs } from "../core/deployment";
import type { Problem } from "../core/problems";
import type { Attachment } from "../core/traffic-route";
import type { FoundPlace } from "../preflight/network";
import type { Running } from "../preflight/running";
import type { Period, Priceable } from "../pricing";
import type { Item } from "../pricing/line";
import type { Settings, Values } from "../settings";
import type { Profile } from "./profile";

/** Where the container runs: on AWS behind the load balancer, or in Docker on the machine of whoever runs the program. */
export type Place = "aws" | "this machine";

/**
 * What a platform is to the rest of the program. Settings, preflight, prices and tools loop over the list of targets and read what one can
 * do; only a target's own folder writes its name. A target.ts stays light: a component and its packages load when it is used.
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
  /** What of the settings does not apply to it, or has another meaning there. An unknown region is empty. */
  notes(values: Values, region: string): readonly Note[];
  /** What only the account can tell, asked before the first resource and in previews. */
  preflight(settings: Settings, account: Account): Promise<readonly Problem[]>;
  readonly pricing: TargetPricing;
}

/** A platform behind the load balancer. */
export interface AwsTarget<Name extends string, Outputs> extends Target<Name, "aws"> {
  /** What its target groups need. */
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
  readonly gatewaySecurityGroupId: pulumi.Input<string>;
  readonly connection: AwsConnection;
}

/** What is billed in a period because of the target's replicas. What costs the same at any number is priced by its type. */
export interface TargetPricing {
  /** With what watches the replicas, and the target's own machines. `replicas` is the number of each variant. */
  items(stack: Priceable, replicas: number, period: Period): readonly Item[];
  /** Of the replicas alone: what one of another size would cost. */
  replicas(stack: ReplicaPlace, count: number, period: Period): readonly Item[];
}

export type ReplicaPlace = Pick<Priceable, "region" | "spec" | "spot" | "podZones">;

/** The account as the checks of every target find it. */
export interface Account {
  readonly connection: AwsConnection;
  readonly running: Running;
  /** Found at the same time as the targets ask their own questions. */
  readonly place: Promise<FoundPlace>;
  readonly opts: pulumi.InvokeOptions;
}

/** A line about the settings of a stack that uses the target. */
export interface Note {
  readonly applies: boolean;
  readonly text: string;
  /** It is a warning: somebody can be hurt. */
  readonly warns?: true;
}

/** What only some platforms can do. */
export interface Capabilities {
  /** Follows the replica bounds of each window in `schedule`. */
  readonly schedule: boolean;
  /** Scales on `scaling.requestsPerMinutePerReplica`. */
  readonly requestScaling: boolean;
  /** Opens the replicas to the security groups in `internalCallers`. */
  readonly internalCallers: boolean;
}
