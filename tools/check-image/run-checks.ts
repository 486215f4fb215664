import type { Check, Context, Server } from "./context";
import { type Finding, notChecked } from "./finding";

type Print = (name: string, findings: readonly Finding[]) => void;

/** One after the other, each printed when it is done. Those that only wait run beside the others and come last. */
export async function runChecks(
  { ordered, waiting }: { readonly ordered: readonly Check[]; readonly waiting: readonly Check[] },
  context: Context,
  print: Print,
): Promise<Finding[]> {
  const { server } = context;
  const findings: Finding[] = [];
  const report = (name: string, found: readonly Finding[]) => {
    print(name, found);
    findings.push(...found);
  };
  const canRun = ({ needsServer }: Check) => server !== undefined || !needsServer;
  const started = waiting.filter(canRun).map((check) => ({ check, result: check.run(withServer(context)) }));
  for (const check of ordered.filter(canRun)) report(check.name, await check.run(withServer(context)));
  for (const { check, result } of started) report(check.name, await result);
  const left = [...ordered, ...waiting].filter((check) => !canRun(check)).map(({ name }) => name);
  if (left.length > 0) report("the rest", [notChecked(`${left.join(", ")}: it does not answer with 200.`)]);
  await context.trial.container?.remove();
  return findings;
}

/** Checks that need no server do not read it. */
const withServer = (context: Context) => context as Context & { readonly server: Server };
