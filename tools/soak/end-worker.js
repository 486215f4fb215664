/**
 * Preloaded into the server and its workers. On SIGUSR2 one worker ends between two runs, as after an error in its JavaScript. On SIGHUP
 * the server gives back what it does not use, and logs the memory that is left.
 */
const threads = require("node:worker_threads");

const channel = new threads.BroadcastChannel("end a worker");
channel.unref();

if (threads.isMainThread) {
  const running = new Set();
  threads.Worker = class extends threads.Worker {
    constructor(...args) {
      super(...args);
      running.add(this);
      this.once("exit", () => running.delete(this));
    }
  };
  process.on("SIGUSR2", () => {
    const [oldest] = running;
    if (oldest) channel.postMessage(oldest.threadId);
  });
  process.on("SIGHUP", giveBack);
} else {
  channel.onmessage = ({ data }) => {
    if (data === threads.threadId) process.exit(1);
  };
}

let trim;

/** V8 keeps buffers that are no longer in use, and glibc keeps what is freed between pieces in use. Neither is a leak. */
function giveBack() {
  if (process.platform !== "linux") return;
  trim ??= require(require.resolve("koffi", { paths: [process.cwd()] }))
    .load("libc.so.6")
    .func("int malloc_trim(size_t)");
  // The first collection leaves the freeing of buffers to another thread; the second waits for that.
  global.gc();
  global.gc();
  trim(0);
  console.log(JSON.stringify({ msg: "memory in use", megabytes: process.memoryUsage.rss() / 1e6 }));
}
