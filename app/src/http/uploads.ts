import { errors, type RequestError } from "../errors";

/** Mobile networks stall for a few seconds. After that a body must keep a minimum rate and arrive within the limit. */
const graceSeconds = 5;
const leastBytesPerSecond = 16 * 1024;
/** Within a network a body has arrived by then, unless the server is too busy to read it. */
const soonSeconds = 0.5;
export const mostUploadSeconds = 30;
/** Slow bodies that one address may send at once. Callers behind one NAT share the number. */
const slowPerAddress = 4;

export interface UploadOptions {
  /** Requests whose body is arriving or held in memory. */
  readonly bodies: number;
  /** The bytes received for them. */
  readonly bytes: number;
  /** Called with the bytes that a request held. */
  readonly onLeave?: (bytes: number) => void;
}

/** One request with a body, from its headers until it is answered. */
export interface Upload {
  readonly address: string;
  readonly startedAt: number;
  /** Ends the upload with this answer. */
  readonly cut: (error: RequestError) => void;
  bytes: number;
  isArriving: boolean;
}

/**
 * The bodies that are arriving. An upload takes bytes of a budget, and a place of a prediction only at first, so slow callers do not block others.
 * Uploads that fall behind are cut off; when the budget is used up, so is the oldest.
 */
export class Uploads {
  private readonly underWay = new Set<Upload>();
  private bytes = 0;
  private watch?: NodeJS.Timeout;
  private whenEmpty?: () => void;
  /** When the last request arrived, on the clock of `now`. */
  lastArrivalAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: UploadOptions,
    private readonly now = () => performance.now() / 1000,
  ) {}

  get size(): number {
    return this.underWay.size;
  }

  /** Bodies that will soon want a place of a prediction. */
  get soon(): number {
    const since = this.now() - soonSeconds;
    return [...this.underWay].filter(({ isArriving, startedAt }) => isArriving && startedAt > since).length;
  }

  /** Called for every request, also for one that is then refused. */
  recordArrival(): void {
    this.lastArrivalAt = this.now();
  }

  /** May cut off an older upload to make room: only for a request that nothing else refuses. */
  begin(address: string, cut: Upload["cut"]): Upload {
    if (this.size >= this.options.bodies && !this.makeRoom()) throw errors.crowded();
    const upload: Upload = { address, startedAt: this.now(), cut, bytes: 0, isArriving: true };
    this.underWay.add(upload);
    this.watch ??= setInterval(() => this.check(), 1000).unref();
    return upload;
  }

  received(upload: Upload, bytes: number): void {
    if (!upload.isArriving) return;
    upload.bytes += bytes;
    this.bytes += bytes;
    while (this.bytes > this.options.bytes && upload.isArriving) {
      if (!this.makeRoom()) this.end(upload, errors.crowded());
    }
  }

  /** The whole body has arrived; its bytes count until the answer. */
  arrived(upload: Upload): void {
    upload.isArriving = false;
  }

  /** The request is answered and its work is over. */
  leave(upload: Upload): void {
    upload.isArriving = false;
    if (!this.underWay.delete(upload)) return;
    this.bytes -= upload.bytes;
    this.options.onLeave?.(upload.bytes);
    upload.bytes = 0;
    if (this.size > 0) return;
    clearInterval(this.watch);
    this.watch = undefined;
    this.whenEmpty?.();
  }

  /** Resolves once every request has been answered. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.size === 0) resolve();
      else this.whenEmpty = resolve;
    });
  }

  /** Ends the bodies that are too slow or have taken too long. */
  check(): void {
    const slow = new Map<string, number>();
    for (const upload of this.underWay) {
      const seconds = this.now() - upload.startedAt;
      if (!upload.isArriving || seconds <= graceSeconds) continue;
      const ofAddress = (slow.get(upload.address) ?? 0) + 1;
      slow.set(upload.address, ofAddress);
      if (upload.bytes < (seconds - graceSeconds) * leastBytesPerSecond) this.end(upload, errors.tooSlow());
      else if (seconds > mostUploadSeconds) this.end(upload, errors.tooLong(mostUploadSeconds));
      else if (ofAddress > slowPerAddress) this.end(upload, errors.tooManySlow(slowPerAddress));
    }
  }

  /** Cuts off the oldest body past its grace period, to make room for another request; a Set keeps the order of arrival. */
  private makeRoom(): boolean {
    for (const upload of this.underWay) {
      if (this.now() - upload.startedAt <= graceSeconds) return false;
      if (upload.isArriving) {
        this.end(upload, errors.crowded());
        return true;
      }
    }
    return false;
  }

  private end(upload: Upload, error: RequestError): void {
    upload.isArriving = false;
    upload.cut(error);
    this.leave(upload);
  }
}
