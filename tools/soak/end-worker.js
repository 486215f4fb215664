/** Preloaded into the server and its workers. On SIGUSR2 one worker ends between two runs, as after an error in its JavaScript. */
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
} else {
  channel.onmessage = ({ data }) => {
    if (data === threads.threadId) process.exit(1);
  };
}
