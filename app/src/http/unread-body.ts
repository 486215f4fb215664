import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { garbage } from "../garbage";
import { readingTurns } from "./reading-turns";

/** More than a body slightly over the limit: a fast peer sends all of that before it reads the answer. */
const discardLimitBytes = 16 * 1024 * 1024;
const discardLimitMs = 1000;

export function hasUnreadBody({ headers, complete, readableEnded }: IncomingMessage): boolean {
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  return hasBody && !complete && !readableEnded;
}

/**
 * The answer to a request whose body has not been read. Closing while the peer still sends makes the kernel reset the connection;
 * the answer is then often lost, and a load balancer reports its own 502. So the answer is sent at once, and what still arrives
 * is discarded as it arrives. When that is too much or too late, the connection closes.
 */
export function answerThenDiscard(request: IncomingMessage, response: ServerResponse, answer: string): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(answer);
  let open = true;
  let leftBytes = discardLimitBytes;
  const read = readingTurns.enter(request);
  const timer = setTimeout(giveUp, discardLimitMs);
  request.on("data", (chunk: Buffer) => {
    leftBytes -= chunk.length;
    garbage.brief(chunk.length);
    read(chunk.length);
    if (leftBytes <= 0) giveUp();
  });
  request.once("end", finish).once("close", finish).once("error", finish);
  // A parser that stopped early may have paused the request.
  request.resume();
  return stream;

  function giveUp() {
    // Not before: an earlier request of this connection may still wait for its answer.
    if (!request.complete) response.once("finish", () => request.socket.destroySoon());
    finish();
  }

  function finish() {
    clearTimeout(timer);
    if (open) stream.push(null);
    open = false;
  }
}
