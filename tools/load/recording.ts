import type { Summary } from "./summary";

/** The result of one lane at one rate. */
export interface Step extends Summary {
  readonly perSecond: number;
  readonly seconds: number;
  /** Start of the step, in seconds since the start of the load. */
  readonly beganAt: number;
  /** Averaged until the last answer: a server that falls behind answers fewer requests than were sent. */
  readonly answeredPerSecond: number;
}

/** A replica as the load balancer reports it, in seconds since the start of the load. A replica that was healthy before has no times. */
export interface Replica {
  /** Its address, which is all that the load balancer reports. */
  readonly id: string;
  /** The id of its task, on ECS. */
  readonly task?: string;
  /** At the last poll. */
  readonly healthy?: boolean;
  /** When ECS created its task. */
  readonly madeAt?: number;
  readonly registeredAt?: number;
  readonly healthyAt?: number;
  /** When the load balancer no longer listed it. */
  readonly goneAt?: number;
}

export interface Measured {
  readonly name: string;
  readonly target?: string;
  /** The status of the health path, before the load. */
  readonly health: number;
  readonly version?: string;
  readonly steps: readonly Step[];
  /** The highest rate that kept the objective; absent without a search. */
  readonly highestPerSecond?: number;
  /** Absent when they could not be read. */
  readonly replicas?: readonly Replica[];
}

/** The requests of a load. */
export interface Sent {
  readonly method: string;
  /** Of the first request, without its query. */
  readonly path: string;
  /** Of the first request; absent without a body. */
  readonly type?: string;
  /** The mean size of a body. */
  readonly bytes: number;
  /** How many different requests were sent in turns. */
  readonly of: number;
  /** The size of an answer with its headers. */
  readonly answerBytes: number;
}

/** The measurements of a load: written by --save, read by the report. */
export interface Recording {
  readonly url: string;
  readonly stack?: string;
  readonly startedAt: string;
  readonly p99LimitMs?: number;
  /** Absent in recordings of earlier versions, as is `sent`. */
  readonly healthPath?: string;
  readonly sent?: Sent;
  readonly lanes: readonly Measured[];
}

/** Why a value is no recording; undefined when it is one. */
export function faultOf(value: unknown): string | undefined {
  const { url, startedAt, lanes } = Object(value) as Partial<Recording>;
  if (typeof url !== "string" || !URL.canParse(url) || typeof startedAt !== "string")
    return "it has no url and startedAt";
  if (!Array.isArray(lanes) || lanes.length === 0) return "it has no lanes";
  const lacking = lanes.find((lane) => typeof lane?.name !== "string" || !Array.isArray(lane.steps));
  return lacking === undefined ? undefined : "a lane has no name or no steps";
}

/** The step that represents a lane: the highest that kept the objective, otherwise the last. */
export function tellingStep({ steps, highestPerSecond }: Pick<Measured, "steps" | "highestPerSecond">) {
  return steps.find(({ perSecond }) => perSecond === highestPerSecond) ?? steps.at(-1);
}

/** Counts the replicas that were healthy throughout the step. */
export function servingIn({ beganAt, seconds }: Step, { replicas = [] }: Pick<Measured, "replicas">): number {
  const until = ({ goneAt = Number.POSITIVE_INFINITY }: Replica) => goneAt;
  return replicas.filter((one) => healthySince(one) <= beganAt && until(one) >= beganAt + seconds).length;
}

/** Whether a replica joined or left during the step: then it answered a part of the requests. */
export function changedIn({ beganAt, seconds }: Step, { replicas = [] }: Pick<Measured, "replicas">): boolean {
  const isWithin = (at: number | undefined) => at !== undefined && at > beganAt && at < beganAt + seconds;
  return replicas.some((one) => isWithin(healthySince(one)) || isWithin(one.goneAt));
}

const healthySince = ({ registeredAt, healthyAt = Number.POSITIVE_INFINITY }: Replica) =>
  registeredAt === undefined ? 0 : healthyAt;
