const width = 30;
const lineEverySeconds = 10;

/** Updates one line on a terminal, and prints a line every few seconds elsewhere. Writes to stderr: stdout is for the result. */
export function progress(label: string, seconds: number, answered: () => string, out = process.stderr): () => void {
  const start = performance.now();
  const told = () => {
    const passed = Math.min(seconds, (performance.now() - start) / 1000);
    const filled = Math.round((passed / seconds) * width);
    return `${label} [${"#".repeat(filled)}${"-".repeat(width - filled)}] ${passed.toFixed(0)}/${seconds.toFixed(0)} s, ${answered()}`;
  };
  const tick = () => out.write(out.isTTY ? `\r\x1b[K${told()}` : `${told()}\n`);
  const timer = setInterval(tick, out.isTTY ? 500 : lineEverySeconds * 1000);
  return () => {
    clearInterval(timer);
    out.write(out.isTTY ? `\r\x1b[K${told()}\n` : `${told()}\n`);
  };
}
