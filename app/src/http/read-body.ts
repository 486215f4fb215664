import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { errors, RequestError } from "../errors";
import { garbage } from "../garbage";
import { readingTurns } from "./reading-turns";

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Reads a body into one buffer of its declared length. fastify's own parser keeps every chunk and then joins them, which takes
 * twice the memory and leaves both copies to the garbage collector.
 */
export function readBody({ headers, routeOptions }: FastifyRequest, payload: IncomingMessage, done: Done): void {
  const limit = routeOptions.bodyLimit;
  const declared = headers["content-length"] === undefined ? undefined : Number(headers["content-length"]);
  if (declared !== undefined && declared > limit) return void done(errors.tooLarge(limit));
  const body = new GrowingBuffer(declared);
  const read = readingTurns.enter(payload);
  const end = (error: Error | null) => {
    payload.off("data", add).off("end", succeed).off("error", fail);
    if (error) done(error);
    else done(null, body.content());
  };
  const add = (chunk: Buffer) => {
    if (body.length + chunk.length > limit) return end(errors.tooLarge(limit));
    body.add(chunk);
    garbage.brief(chunk.length);
    read(chunk.length);
  };
  const succeed = () => end(null);
  const fail = (error: Error) => end(error instanceof RequestError ? error : errors.badInput(error.message));
  payload.on("data", add).on("end", succeed).on("error", fail).resume();
}

/** Of a stated length, or of one that doubles when it is full. */
class GrowingBuffer {
  length = 0;
  private bytes: Buffer;

  constructor(declared = 64 * 1024) {
    this.bytes = Buffer.allocUnsafeSlow(declared);
  }

  add(chunk: Buffer): void {
    const end = this.length + chunk.length;
    if (end > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.bytes.length));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    chunk.copy(this.bytes, this.length);
    this.length = end;
  }

  content(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
