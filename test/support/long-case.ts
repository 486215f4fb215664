export type Case = (title: string, run: Mocha.AsyncFunc) => void;

/** A case of minutes: it runs with --all behind the command. */
export const longCaseOf = (command: string): Case =>
  process.argv.includes("--all") ? it : (title) => it.skip(`${title} [skipped: runs with ${command} --all]`);
