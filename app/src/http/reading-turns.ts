import type { Readable } from "node:stream";

/** About a millisecond of work. */
const mostBytesPerTurn = 512 * 1024;
/** What libuv reads at once. */
const chunkBytes = 64 * 1024;

interface Reader {
  readonly arrival: number;
  readonly stream: Readable;
}

/**
 * In one turn of the event loop libuv reads up to 2 MiB of each body that arrives, but accepts one connection
 * (https://github.com/libuv/libuv/pull/3696). With 30 large bodies a turn takes 50 ms, and a probe's connection waits behind all others for
 * one turn each. So bodies share a turn's bytes, and those that came first are read first.
 */
export class ReadingTurns {
  private arrivals = 0;
  private bytes = 0;
  private isNextDue = false;
  private paused: Reader[] = [];

  constructor(private readonly schedule: (next: () => void) => void = setImmediate) {}

  /** Returns what to call with the bytes of each chunk of the stream; it pauses the stream until a later turn. */
  enter(stream: Readable): (bytes: number) => void {
    const reader: Reader = { arrival: this.arrivals++, stream };
    return (bytes) => {
      this.scheduleNext();
      this.bytes += bytes;
      if (this.bytes < mostBytesPerTurn) return;
      stream.pause();
      if (!this.paused.includes(reader)) this.paused.push(reader);
    };
  }

  private scheduleNext(): void {
    if (this.isNextDue) return;
    this.isNextDue = true;
    this.schedule(() => this.next());
  }

  private next(): void {
    this.isNextDue = false;
    this.bytes = 0;
    this.paused.sort((one, other) => one.arrival - other.arrival);
    for (const { stream } of this.paused.splice(0, mostBytesPerTurn / chunkBytes)) stream.resume();
    if (this.paused.length > 0) this.scheduleNext();
  }
}

/** One thread reads all bodies. */
export const readingTurns = new ReadingTurns();
