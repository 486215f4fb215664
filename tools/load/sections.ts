import type { Section } from "../render/section";
import { type Measured, type Recording, type Sent, type Step, tellingStep } from "./recording";
import { isWell } from "./summary";

const ms = (value: number) => (value === 0 ? "-" : value.toFixed(value < 100 ? 1 : 0));
const rate = (value: number) => `${Number(value.toPrecision(3))}`;

/** The measurements, the most important first. */
export function sections(recording: Recording): Section[] {
  const climbed = recording.lanes.some(({ steps }) => steps.length > 1);
  const seen = recording.lanes.some((lane) => lane.replicas !== undefined);
  return [
    latencies(recording),
    ...(climbed ? [steps(recording)] : []),
    ...(isForeign(recording) ? [] : [health(recording)]),
    ...(seen ? [replicas(recording), running(recording)] : []),
  ];
}

/** A server behind a bare URL need not have the health path, so its absence says nothing. */
const isForeign = ({ stack, lanes }: Recording) =>
  stack === undefined && lanes.every(({ health: status }) => status !== 0 && !isWell({ status }));

const stepHead = ["answered/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "errors"];

function stepCells({ answeredPerSecond, errors, p50Ms, p90Ms, p99Ms, maxMs }: Step): string[] {
  return [rate(answeredPerSecond), ms(p50Ms), ms(p90Ms), ms(p99Ms), ms(maxMs), `${errors}`];
}

function latencies({ lanes, url, startedAt, p99LimitMs, sent: requests }: Recording): Section {
  const sent = (lane: Measured) => {
    if (lane.highestPerSecond === undefined) return rate(tellingStep(lane)?.perSecond ?? 0);
    return lane.highestPerSecond === 0 ? "none" : rate(lane.highestPerSecond);
  };
  const objective = p99LimitMs === undefined ? "sent/s" : `highest/s with p99 within ${p99LimitMs} ms`;
  const wrong = lanes.flatMap((lane) => [...faults(lane)]);
  return {
    title: `Under load: ${url}, ${startedAt.slice(0, 16).replace("T", " ")} UTC`,
    head: ["", objective, ...stepHead],
    rows: lanes.map((lane) => {
      const step = tellingStep(lane);
      return [lane.name, sent(lane), ...(step ? stepCells(step) : stepHead.map(() => ""))];
    }),
    figures: 7,
    notes: [
      ...(requests ? [described(requests)] : []),
      "Latency counts from the moment a request was due. Errors are not included.",
      ...wrong,
    ],
  };
}

function described({ method, path, type, bytes, of }: Sent): string {
  const size = `${bytes.toLocaleString("en")} bytes${of > 1 ? " on average" : ""}`;
  const body = type === undefined ? "" : `, ${type}, ${size}`;
  return `Sent: ${method} ${path}${body}${of > 1 ? `, ${of} requests in turns` : ""}.`;
}

function* faults(lane: Measured): Generator<string> {
  const { statuses = {} } = tellingStep(lane) ?? {};
  const bad = Object.entries(statuses).filter(([status]) => !isWell({ status: Number(status) }));
  if (bad.length === 0) return;
  const counts = bad.map(([status, count]) => `${status}: ${count}`);
  yield `Errors of ${lane.name}: ${counts.join(", ")}.`;
}

function steps({ lanes }: Recording): Section {
  const all = lanes.flatMap(({ name, steps }) => steps.map((step) => ({ name, step })));
  return {
    title: "Step by step",
    head: ["", "sent/s", ...stepHead],
    rows: all.map(({ name, step }) => [name, rate(step.perSecond), ...stepCells(step)]),
    figures: 7,
    notes: [],
  };
}

const least = (values: readonly (number | undefined)[]) => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? "-" : `${Math.min(...known).toFixed(0)} s`;
};

function health({ lanes, healthPath = "/health" }: Recording): Section {
  return {
    title: "Health and version before the load",
    head: ["", `GET ${healthPath}`, "version"],
    rows: lanes.map(({ name, health: status, version = "-" }) => [
      name,
      status === 0 ? "no answer" : `${status}`,
      version,
    ]),
    figures: 0,
    notes: [],
  };
}

function replicas({ lanes }: Recording): Section {
  const rows = lanes.flatMap(({ name, replicas: seen }) => {
    if (seen === undefined) return [];
    const more = seen.filter(({ registeredAt }) => registeredAt !== undefined);
    const cold = more.map(
      ({ madeAt, registeredAt = 0, healthyAt }) => healthyAt && healthyAt - (madeAt ?? registeredAt),
    );
    const first = least(more.map(({ healthyAt }) => healthyAt));
    return [[name, `${seen.length - more.length}`, `${more.length}`, first, least(cold)]];
  });
  return {
    title: "Replicas, as the load balancer reported them every two seconds",
    head: ["", "before", "more", "first healthy after", "shortest cold start"],
    rows,
    figures: 4,
    notes: [
      "A cold start ends when the replica is healthy. It begins when ECS creates the task, or when EKS registers the pod.",
    ],
  };
}

const states = { true: "healthy", false: "not healthy" } as const;

/** With the ids that the ECS console shows. */
function running({ lanes }: Recording): Section {
  const rows = lanes.flatMap(({ name, replicas: seen = [] }) =>
    seen
      .filter(({ goneAt }) => goneAt === undefined)
      .map(({ id, task, healthy }) => [name, task ?? "-", id, healthy === undefined ? "-" : states[`${healthy}`]]),
  );
  const unnamed = lanes.some(({ replicas: seen = [] }) =>
    seen.some(({ task, goneAt }) => task === undefined && goneAt === undefined),
  );
  return {
    title: "Running at the end",
    head: ["", "task", "address", "health"],
    rows,
    figures: 0,
    notes: unnamed
      ? [
          "Replicas without a task have only an address. On EKS, kubectl get pods -o wide shows the pod with that address.",
        ]
      : [],
  };
}
