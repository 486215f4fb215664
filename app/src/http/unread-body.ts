import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** More than a body over the limit by a little: a fast peer has sent all of that before it looks for an answer. */
const discardLimitBytes = 16 * 1024 * 1024;
const discardLimitMs = 1000;

export function hasUnreadBody({ headers, complete, readableEnded }: IncomingMessage): boolean {
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  return hasBody && !complete && !readableEnded;
}

/**
 * The answer to a request whose body has not been read. Closing at once while the peer still sends makes the kernel reset
 * the connection; the answer is then often lost and a load balancer reports its own 502. So the answer goes out in full at
 * once, and what still arrives is thrown away for a while before the connection closes.
 */
export function answerThenDiscard(request: IncomingMessage, answer: string): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(answer);
  let open = true;
  let leftBytes = discardLimitBytes;
  const timer = setTimeout(finish, discardLimitMs);
  request.on("data", (chunk: Buffer) => {
    leftBytes -= chunk.length;
    if (leftBytes <= 0) finish();
  });
  request.once("end", finish).once("close", finish).once("error", finish);
  // A parser that gave up may have left it paused.
  request.resume();
  return stream;

  function finish() {
    clearTimeout(timer);
    if (open) stream.push(null);
    open = false;
  }
}
