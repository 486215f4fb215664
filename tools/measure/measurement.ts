import type { Measurement } from "../../components/pricing";
import { UserError } from "../cli/user-error";
import { changedIn, type Recording, servingIn, tellingStep } from "../load/recording";
import type { Subject } from "./subject";

/** What only the engine that runs the container knows. */
export type OfContainer = Pick<Measurement, "memoryMiB" | "startSeconds" | "imageBytes">;

/** The figures of a search, as they are written beside the stack file. */
export function measurementOf(recording: Recording, subject: Subject, container: OfContainer = {}): Measurement {
  const { lanes, sent, startedAt, p99LimitMs = 0 } = recording;
  const [lane] = lanes;
  const step = lane && tellingStep(lane);
  if (lane === undefined || step === undefined || sent === undefined) throw new Error("a search has a lane and a step");
  const { highestPerSecond = 0 } = lane;
  if (highestPerSecond === 0)
    throw new UserError(
      `No rate kept p99 within ${p99LimitMs} ms: at ${figure(step.perSecond)} requests/s it was ${step.p99Ms.toFixed(0)} ms, with ${step.errors} errors. Raise --p99, or choose a larger cpu`,
    );
  const replicas = subject.variant === undefined ? 1 : servingIn(step, lane);
  if (replicas === 0)
    throw new UserError(`The load balancer reported no replica of ${subject.variant}, so the rate of one is not known`);
  const { url: _, variant: __, ...known } = subject;
  const { method, path, type, bytes, answerBytes } = sent;
  return {
    measuredAt: startedAt,
    ...known,
    replicas,
    p99LimitMs,
    requestsPerSecondPerVcpu: figure(highestPerSecond / replicas / subject.vcpus),
    p50Ms: figure(step.p50Ms),
    p99Ms: figure(step.p99Ms),
    ...container,
    request: { method, path, ...(type !== undefined && { type }), bytes },
    answerBytes,
  };
}

/** More digits would pretend a precision that the search does not have. */
export const figure = (value: number) => Number(value.toPrecision(4));

/** Replicas that joined or left answered a part of the requests, and are not counted. */
export function changedReplicas({ lanes }: Recording): boolean {
  return lanes.some((lane) => {
    const step = tellingStep(lane);
    return step !== undefined && changedIn(step, lane);
  });
}
