import { EventEmitter, once } from "node:events";
import { Worker } from "node:worker_threads";
import { errors } from "../errors";
import { FatalError } from "../fatal-error";
import { Steadiness } from "./steadiness";
import type { Input, Output, Reply, WorkerSetup } from "./worker";

/** Every prediction is answered within 5 s of its arrival, whatever happens to its worker; decoding takes the rest. */
const answerLimitMs = 4500;
/** A batch takes a fraction of a second; a worker that has not answered for this long has failed. */
const silenceLimitMs = 4000;
const loadLimitMs = 60_000;
const reloadPauseMs = 1000;
/** A lost worker may still be in a call of onnxruntime; after this long the call will not return. */
const leaveLimitMs = 60_000;

interface Job {
  input: Input;
  submittedAt: number;
  resolve: (output: Output) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

interface Member {
  worker: Worker;
  /** Uses all of the CPU share, and so gets an input only while no other worker runs. */
  wide: boolean;
  ready: boolean;
  jobs: Job[];
  handedAt: number;
  silence?: NodeJS.Timeout;
}

export interface PoolOptions {
  workerFile: string;
  workers: number;
  /** Threads of one further worker, which takes an input that is alone. Without it, each worker takes what comes. */
  wideThreads?: number;
  setup: WorkerSetup;
  /** After each batch: the seconds that one input would take if all warm workers were busy. */
  onPace: (secondsEach: number) => void;
  onBatch: (size: number, waitsSeconds: number[]) => void;
  onLoss: (reason: string) => void;
}

/**
 * Inference workers behind one queue. A free worker takes all that waits, up to a batch; no input waits for a batch to fill.
 * An input that is alone goes to the wide worker. A worker that crashes or stops answering is replaced.
 */
export class InferencePool {
  private readonly members = new Set<Member>();
  /** Workers that stopped answering and may still be in a call of onnxruntime. */
  private readonly leaving = new Set<Member>();
  private readonly queue: Job[] = [];
  private readonly events = new EventEmitter();
  private readonly steadiness = new Steadiness();
  private closed = false;
  private started = false;
  /** Why the pool cannot start. */
  private failure?: FatalError;
  private maxBatch: number;
  /** How many numbers one output holds; known once a worker is warm. */
  outputLength = 0;
  /** Why onnxruntime runs the model although OpenVINO was chosen; known once a worker is warm. */
  openvinoRefusal?: string;

  constructor(private readonly options: PoolOptions) {
    this.maxBatch = options.setup.maxBatch;
  }

  /** Starts the workers; resolves once each has loaded the model and run it once. */
  async start(): Promise<void> {
    for (let index = 0; index < this.options.workers; index++) this.spawn(false);
    if (this.options.wideThreads) this.spawn(true);
    while (!this.everyoneIsReady()) await once(this.events, "ready");
    this.started = true;
  }

  /** Resolves once no worker is in a call of onnxruntime, which aborts a process that exits during one. */
  async quiet(): Promise<void> {
    while (this.leaving.size > 0 || [...this.members].some((member) => !member.ready || member.jobs.length > 0)) {
      await once(this.events, "message");
    }
  }

  private everyoneIsReady(): boolean {
    return this.warm.length === this.members.size;
  }

  get ready(): boolean {
    return this.started && this.warm.length > 0;
  }

  /** False while the workers keep failing. */
  get isSteady(): boolean {
    return this.steadiness.isSteady;
  }

  private get warm(): Member[] {
    return [...this.members].filter((member) => member.ready);
  }

  /** The inputs that wait or run. */
  get size(): number {
    return [...this.members].reduce((sum, { jobs }) => sum + jobs.length, this.queue.length);
  }

  /** How many warm workers share the CPU. */
  private get narrow(): number {
    return this.warm.filter(({ wide }) => !wide).length;
  }

  run(input: Input, abandoned?: AbortSignal): Promise<Output> {
    return new Promise((resolve, reject) => {
      if (abandoned?.aborted) return reject(errors.gone());
      abandoned?.addEventListener("abort", () => this.abandon(job));
      const timer = setTimeout(() => this.giveUp(job), answerLimitMs);
      const job: Job = { input, submittedAt: performance.now(), resolve, reject, timer };
      this.queue.push(job);
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.members, ...this.leaving].map((member) => this.dismiss(member)));
  }

  private giveUp(job: Job): void {
    this.unqueue(job);
    job.reject(errors.timedOut());
  }

  /** An input that a worker already has is not cancelled: it shares a batch with others. */
  private abandon(job: Job): void {
    if (!this.unqueue(job)) return;
    clearTimeout(job.timer);
    job.reject(errors.gone());
  }

  private unqueue(job: Job): boolean {
    const place = this.queue.indexOf(job);
    if (place >= 0) this.queue.splice(place, 1);
    return place >= 0;
  }

  private dispatch(): void {
    if (this.queue.length === 0) return;
    const idle = this.warm.filter(({ jobs }) => jobs.length === 0);
    const alone = this.queue.length === 1 && idle.length === this.warm.length;
    const useWide = (alone || this.narrow === 0) && idle.some(({ wide }) => wide);
    for (const member of idle.filter(({ wide }) => wide === useWide)) {
      if (this.queue.length > 0) this.hand(member, this.queue.splice(0, useWide ? 1 : this.maxBatch));
    }
  }

  private hand(member: Member, jobs: Job[]): void {
    member.jobs = jobs;
    this.expectMessage(member, silenceLimitMs);
    member.worker.postMessage(jobs.map((job) => job.input));
    const now = performance.now();
    member.handedAt = now;
    this.options.onBatch(
      jobs.length,
      jobs.map((job) => (now - job.submittedAt) / 1000),
    );
  }

  private spawn(wide: boolean): void {
    const { setup, wideThreads, workerFile } = this.options;
    const workerData = wide ? { ...setup, threads: wideThreads, maxBatch: 1 } : setup;
    const worker = new Worker(workerFile, { workerData });
    const member: Member = { worker, wide, ready: false, jobs: [], handedAt: 0 };
    this.members.add(member);
    this.expectMessage(member, loadLimitMs);
    worker.on("message", (reply: Reply) => this.receive(member, reply));
    worker.on("error", (error) => this.lose(member, error.message, "dead"));
    worker.on("exit", (code) => this.lose(member, `exit code ${code}`, "dead"));
  }

  private expectMessage(member: Member, withinMs: number): void {
    member.silence = setTimeout(() => this.lose(member, `no answer within ${withinMs / 1000} s`, "silent"), withinMs);
  }

  private receive(member: Member, reply: Reply): void {
    setImmediate(() => this.events.emit("message"));
    if (!this.members.has(member)) return void this.dismiss(member);
    clearTimeout(member.silence);
    if (reply.kind === "ready") {
      member.ready = true;
      if (!member.wide) this.maxBatch = reply.maxBatch;
      this.outputLength = reply.outputLength;
      this.openvinoRefusal = reply.openvinoRefusal;
      if (this.failure) this.fail(this.failure);
      else this.events.emit("ready");
    } else {
      const jobs = this.release(member);
      this.steadiness.ran(reply.kind === "outputs");
      const seconds = (performance.now() - member.handedAt) / 1000;
      if (jobs.length > 0) this.options.onPace(seconds / jobs.length / (member.wide ? 1 : this.narrow));
      jobs.forEach((job, index) => {
        const output = reply.kind === "outputs" ? reply.outputs[index] : undefined;
        if (output) job.resolve(output);
        else
          job.reject(
            new Error(reply.kind === "failed" ? reply.message : "the worker returned no output for this input"),
          );
      });
    }
    this.dispatch();
  }

  private release(member: Member): Job[] {
    clearTimeout(member.silence);
    const jobs = member.jobs;
    member.jobs = [];
    for (const job of jobs) clearTimeout(job.timer);
    return jobs;
  }

  /** Called at the first sign that a worker failed; later calls for it do nothing. */
  private lose(member: Member, reason: string, state: "dead" | "silent"): void {
    if (this.closed || !this.members.has(member)) return;
    const everReady = member.ready;
    for (const job of this.release(member)) job.reject(errors.workerLost());
    if (state === "silent") this.letGo(member);
    else void this.dismiss(member);
    if (!everReady && !this.started) {
      // It would fail in another worker in the same way.
      const message = `${this.options.setup.modelFile} does not run: ${reason.replace(/\s+/g, " ")}`;
      this.failure ??= new FatalError(message);
      this.fail(this.failure);
      return;
    }
    this.steadiness.lost();
    this.options.onLoss(reason);
    if (everReady) this.spawn(member.wide);
    else setTimeout(() => this.closed || this.spawn(member.wide), reloadPauseMs);
  }

  /** Waits for the workers that are loading: onnxruntime aborts a process that exits during a call. */
  private fail(failure: FatalError): void {
    if (!this.everyoneIsReady()) return;
    this.closed = true;
    this.events.emit("error", failure);
  }

  /**
   * Terminating a thread during a call of onnxruntime aborts the whole process when the call returns. So a worker that stopped
   * answering is terminated after its next message, which it can only send outside of a call.
   */
  private letGo(member: Member): void {
    this.members.delete(member);
    this.leaving.add(member);
    member.silence = setTimeout(() => void this.dismiss(member), leaveLimitMs);
  }

  private async dismiss(member: Member): Promise<void> {
    this.members.delete(member);
    this.leaving.delete(member);
    clearTimeout(member.silence);
    await member.worker.terminate();
  }
}
