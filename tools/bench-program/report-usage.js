// Preloaded into every measured process: what it took is known only at its end. JavaScript, so that nothing else is loaded.
const { writeSync } = require("node:fs");

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { peakMiB: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  writeSync(3, JSON.stringify({ ...usage, ...process.measured }));
});
