import type { Summary } from "./summary";

/** What one variant, or the public, was asked at one rate. */
export interface Step extends Summary {
  readonly perSecond: number;
  readonly seconds: number;
  /** When it began, in seconds since the load did. */
  readonly beganAt: number;
  /** Until the last answer came: a server that falls behind answers less than it is asked. */
  readonly answeredPerSecond: number;
}

/** A replica as the load balancer sees it, in seconds since the load began; one that was healthy before has none. */
export interface Replica {
  /** Its address: all that the load balancer knows of it. */
  readonly id: string;
  /** The id of its task, on ECS. */
  readonly task?: string;
  /** At the last look. */
  readonly healthy?: boolean;
  /** When ECS made its task. */
  readonly madeAt?: number;
  readonly registeredAt?: number;
  readonly healthyAt?: number;
  /** When the load balancer no longer knew it. */
  readonly goneAt?: number;
}

export interface Measured {
  readonly name: string;
  readonly target?: string;
  /** GET /health, before the load. */
  readonly health: number;
  readonly version?: string;
  readonly steps: readonly Step[];
  /** The highest rate that kept the objective; absent when none was looked for. */
  readonly highestPerSecond?: number;
  /** Absent when nobody could be asked. */
  readonly replicas?: readonly Replica[];
}

/** All that a load showed: written by --save, read by the report. */
export interface Recording {
  readonly url: string;
  readonly stack?: string;
  readonly startedAt: string;
  readonly p99LimitMs?: number;
  readonly lanes: readonly Measured[];
}

/** What is wrong with something that should be a recording, or nothing. */
export function faultOf(value: unknown): string | undefined {
  const { url, startedAt, lanes } = Object(value) as Partial<Recording>;
  if (typeof url !== "string" || !URL.canParse(url) || typeof startedAt !== "string")
    return "it has no url and startedAt";
  if (!Array.isArray(lanes) || lanes.length === 0) return "it has no lanes";
  const lacking = lanes.find((lane) => typeof lane?.name !== "string" || !Array.isArray(lane.steps));
  return lacking === undefined ? undefined : "a lane has no name or no steps";
}

/** The step that says what a lane does: the highest that kept the objective, else the last one. */
export function tellingStep({ steps, highestPerSecond }: Pick<Measured, "steps" | "highestPerSecond">) {
  return steps.find(({ perSecond }) => perSecond === highestPerSecond) ?? steps.at(-1);
}
