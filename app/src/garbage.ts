import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options?: { type: "minor" }) => void;

const mib = 1024 * 1024;
/** A collection takes about 1 ms if minor, and 10 ms if not: little beside the time in which so many bytes arrive. */
const mostBriefBytes = 8 * mib;
const mostLastingBytes = 10 * mib;
/** Some of what is brief outlives a minor collection, and only a major one finds it later. */
const minorsPerMajor = 7;

/**
 * Bodies and inputs lie outside of JavaScript's heap, and V8 begins to collect those no longer in use when 64 MB more of them are there than after
 * the last collection (kExternalAllocationSoftLimit in its src/heap). A container of 512 MiB has no room for that beside a large picture.
 */
export class Garbage {
  private briefBytes = 0;
  private lastingBytes = 0;
  private minors = 0;
  private isDue = false;

  constructor(private readonly collect: Collect) {}

  /** Called for what is in use for a moment: a chunk of a body that is copied or discarded, an input of the model. */
  brief(bytes: number): void {
    this.briefBytes += bytes;
    if (this.briefBytes < mostBriefBytes) return;
    this.briefBytes = 0;
    if (this.minors++ < minorsPerMajor) this.collect({ type: "minor" });
    else this.collectAll();
  }

  /** Called when a request that held so many bytes is over. */
  lasting(bytes: number): void {
    this.lastingBytes += bytes;
    if (this.lastingBytes < mostLastingBytes || this.isDue) return;
    this.isDue = true;
    // Only then has the request, too, let go of its body.
    setImmediate(() => this.collectAll());
  }

  private collectAll(): void {
    this.isDue = false;
    this.lastingBytes = 0;
    this.minors = 0;
    this.collect();
  }
}

/**
 * V8 offers its collector to contexts made after the flag is set. Between these collections it would mark by itself ten times a second: it adds
 * the bodies to a heap of 15 MB. Under overload that took 3 to 6 % of two cores.
 */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  setFlagsFromString("--no-incremental-marking");
  return runInNewContext("gc") as Collect;
}

/** V8's collector works for the whole thread, so each thread has one count: that of HTTP, and each worker. */
export const garbage = new Garbage(collector());
