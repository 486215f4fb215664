const { writeFileSync } = require("node:fs");
const { parentPort, threadId, workerData } = require("node:worker_threads");

// Stands in for the inference worker: answers each input with its own first number, and does what some numbers ask for.
const requests = {
  1000: () => process.exit(3),
  1001: () => {
    throw new Error("a bug");
  },
  1002: () => {
    for (;;); // never answers, never yields: what a hung native call looks like
  },
  1004: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
    writeFileSync(modelFile, "it came out by itself");
  },
};

const { modelFile, maxBatch, threads } = workerData;
if (modelFile === "unloadable") throw new Error("bad model");
// Of two workers that follow each other.
const isTheOther = threadId % 2 === 0;
const loadMs = modelFile === "slow to load" ? 400 : modelFile === "fits once" && isTheOther ? 100 : 0;
parentPort.on("message", async (inputs) => {
  if (inputs[0][0] === 1003) {
    parentPort.postMessage({ kind: "failed", message: "the run failed" });
    return;
  }
  requests[inputs[0][0]]?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  // 1005 asks for the threads of the worker.
  parentPort.postMessage({ kind: "outputs", outputs: inputs.map(([first]) => [first === 1005 ? threads : first]) });
});
setTimeout(() => {
  if (modelFile === "fits once" && isTheOther) throw new Error("no room");
  parentPort.postMessage({ kind: "ready", maxBatch, outputLength: 1 });
}, loadMs);
