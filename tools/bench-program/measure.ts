import { spawn } from "node:child_process";
import { join } from "node:path";

export interface Usage {
  /** From spawn to exit. */
  readonly seconds: number;
  readonly peakMiB: number;
  /** Of all its threads; unlike seconds, a busy machine does not change it much. */
  readonly cpuSeconds: number;
  /** Of the evaluation alone, where the process measured it. */
  readonly evaluationSeconds?: number;
  readonly evaluationCpuSeconds?: number;
}

const limitSeconds = 120;

/** Runs one Node process and returns its time and memory. */
export function measure(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Usage> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, ["--require", join(__dirname, "report-usage.js"), ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "inherit", "pipe"],
      timeout: limitSeconds * 1000,
    });
    let report = "";
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      report += chunk;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) return resolve({ seconds, ...JSON.parse(report) });
      const end = signal ? `was ended after ${limitSeconds} s` : `exited with ${code}`;
      reject(new Error(`node ${args.join(" ")} ${end}`));
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
