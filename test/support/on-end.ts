/** When mocha is interrupted it ends without its hooks, and started processes would stay. */
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const leave = () => process.exit(130);
const acts = new Set<() => void>();
const endAll = () => {
  // What was started last may need what was started before it.
  for (const act of [...acts].reverse()) {
    try {
      act();
    } catch (error) {
      // Run the others all the same.
      console.error(error);
    }
  }
};

/** Runs `act` when this process ends, interrupted or not. The returned function cancels that. */
export function onEnd(act: () => void): () => void {
  if (acts.size === 0) {
    process.once("exit", endAll);
    // Not once: Ctrl-C reaches this process itself and through npm, and a second signal would end it before the acts are done.
    for (const signal of interruptions) process.on(signal, leave);
  }
  acts.add(act);
  return () => {
    acts.delete(act);
    if (acts.size > 0) return;
    process.off("exit", endAll);
    for (const signal of interruptions) process.off(signal, leave);
  };
}
