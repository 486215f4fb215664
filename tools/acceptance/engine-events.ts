import { existsSync, readFileSync } from "node:fs";

/** A line of `pulumi --event-log`, which the Automation API reads as well. Only what is read here. */
export interface EngineEvent {
  /** Whole seconds. */
  readonly timestamp: number;
  readonly resourcePreEvent?: { readonly metadata: ResourceMetadata };
  readonly resOutputsEvent?: { readonly metadata: ResourceMetadata };
  readonly resOpFailedEvent?: { readonly metadata: ResourceMetadata };
  readonly diagnosticEvent?: { readonly message: string; readonly severity: string };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
}

interface ResourceMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly new?: { readonly outputs?: Readonly<Record<string, unknown>> } | null;
}

export interface TimedResource {
  readonly type: string;
  readonly name: string;
  readonly seconds: number;
}

/** The events so far. The last line may be half written. */
export function eventsIn(file: string): EngineEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as EngineEvent);
}

interface Span {
  readonly metadata: ResourceMetadata;
  readonly from: number;
  to?: number;
}

function spans(events: readonly EngineEvent[]): Span[] {
  const open = new Map<string, Span>();
  const all: Span[] = [];
  for (const { timestamp, resourcePreEvent, resOutputsEvent, resOpFailedEvent } of events) {
    const ended = (resOutputsEvent ?? resOpFailedEvent)?.metadata;
    if (resourcePreEvent) {
      const { metadata } = resourcePreEvent;
      const span = { metadata, from: timestamp };
      open.set(keyOf(metadata), span);
      all.push(span);
    } else if (ended) {
      const span = open.get(keyOf(ended));
      if (span) span.to = timestamp;
    }
  }
  return all;
}

const keyOf = ({ op, urn }: ResourceMetadata) => `${op} ${urn}`;
const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";
const typesOf = (urn: string) => urn.split("::")[2] ?? "";

/** How long each new resource of a provider took. A component ends with the last resource inside it. */
export function created(events: readonly EngineEvent[]): TimedResource[] {
  const all = spans(events).filter(({ metadata }) => metadata.op.startsWith("create"));
  return all.filter(isCustom).flatMap(({ metadata: { type, urn }, from, to }) => {
    const inside = all.filter(({ metadata }) => typesOf(metadata.urn).startsWith(`${typesOf(urn)}$`));
    const ends = [to, ...inside.map((each) => each.to)].filter((end) => end !== undefined);
    if (to === undefined) return [];
    return [{ type, name: nameOf(urn), seconds: Math.max(...ends) - from }];
  });
}

const isCustom = ({ metadata: { type } }: Span) => !/^(pulumi|inference):/.test(type);

/** What the update works on now, the longest first. */
export function waitingFor(events: readonly EngineEvent[], now: number): TimedResource[] {
  return spans(events)
    .filter((span) => span.to === undefined && isCustom(span))
    .map(({ metadata: { type, urn }, from }) => ({ type, name: nameOf(urn), seconds: Math.max(0, now - from) }))
    .sort((one, other) => other.seconds - one.seconds);
}

/** The newest line that the program printed, such as "traffic: eks: 1 of 2 replicas are healthy". */
export function newestMessage(events: readonly EngineEvent[]): string | undefined {
  const told = events.filter(({ diagnosticEvent }) => diagnosticEvent?.severity === "info");
  return told.at(-1)?.diagnosticEvent?.message.trim().split("\n")[0];
}

/** Resources that were created, updated, replaced or deleted. */
export function changesIn(events: readonly EngineEvent[]): number {
  const { same: _, ...changes } = events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {};
  return Object.values(changes).reduce((sum, count) => sum + count, 0);
}

/** The stack's outputs, also of a preview. */
export function outputsIn(events: readonly EngineEvent[]): Readonly<Record<string, unknown>> {
  const ofStack = events.filter(({ resOutputsEvent }) => resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack");
  return ofStack.at(-1)?.resOutputsEvent?.metadata.new?.outputs ?? {};
}
