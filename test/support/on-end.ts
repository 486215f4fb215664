/** When mocha is interrupted it ends without its hooks, and started processes would stay. */
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const leave = () => process.exit(130);
const acts = new Set<() => void>();
const endAll = () => {
  for (const act of acts) {
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
    for (const signal of interruptions) process.once(signal, leave);
  }
  acts.add(act);
  return () => {
    acts.delete(act);
    if (acts.size > 0) return;
    process.off("exit", endAll);
    for (const signal of interruptions) process.off(signal, leave);
  };
}
