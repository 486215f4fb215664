import type { IncomingMessage } from "node:http";

const graceSeconds = 5;
const leastBytesPerSecond = 16 * 1024;

/**
 * An upload holds a place from its first byte, so one that trickles would keep others out for as long as it likes.
 * Calls `onTooSlow` once a body falls behind the least pace; the returned function ends the watch.
 */
export function watchPace(request: IncomingMessage, onTooSlow: () => void): () => void {
  const { socket } = request;
  const bytesBefore = socket.bytesRead;
  let seconds = 0;
  const timer = setInterval(() => {
    seconds++;
    if (request.readableEnded) return clearInterval(timer);
    if (socket.bytesRead - bytesBefore >= (seconds - graceSeconds) * leastBytesPerSecond) return;
    clearInterval(timer);
    onTooSlow();
  }, 1000);
  return () => clearInterval(timer);
}
