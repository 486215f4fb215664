import type { lockDiagnosis } from "../doctor/lock";
import { isOfRelease } from "./journal";
import { nobody, runningReference, type Situation, waysOut } from "./situation";
import { watch, watchedVariants } from "./watch";

const newest = 10;

/** Variants, images declared, shares declared and live, alarms; who holds the stack, and who released what and when. */
export async function status(situation: Situation, lockOf: typeof lockDiagnosis): Promise<string> {
  const { stack, project, declared, deployed, root, shares, history, unfinished } = situation;
  const lock = await lockOf({ stack, project });
  const watched = watchedVariants(deployed, root);
  const readings = await watch(deployed.connection)(watched, new Date(Date.now() - 5 * 60_000));
  const running = runningReference(situation);
  const names = [...new Set([...Object.keys(shares.file), ...Object.keys(shares.state), ...Object.keys(shares.live)])];
  const percent = (share: number | undefined) => (share === undefined ? "none" : `${share} %`);
  const lines = names.flatMap((name) => {
    const variant = declared.find((each) => each.name === name);
    const target = variant?.target ?? deployed.outputs.variants?.find((each) => each.name === name)?.target;
    const reading = readings.find((each) => each.variant === name);
    const alarms = reading?.firing.length ? `firing: ${reading.firing.join(", ")}` : "no alarm fires";
    const health = reading ? `${reading.healthy} healthy, ${alarms}` : "not deployed";
    return [
      `  ${name} on ${target ?? "?"}, declared: ${variant?.image ?? running}`,
      `    share: stack file ${percent(shares.file[name])}, last update ${percent(shares.state[name])}, load balancer ${percent(shares.live[name])}`,
      `    ${health}`,
    ];
  });
  const releases = history.filter(isOfRelease).slice(0, newest);
  return [
    `Stack ${stack}`,
    ...lines,
    ...(Object.keys(shares.live).length > 0 ? [] : [nobody(stack)]),
    ...(lock.verdict === "problem" ? [[lock.text, lock.fix].filter(Boolean).join(" ")] : []),
    ...(unfinished ? [`Unfinished: the release of ${unfinished.to}. ${waysOut(stack, unfinished.to)}`] : []),
    releases.length > 0 ? "Releases, the newest first:" : "No releases yet.",
    ...releases.map(
      ({ startTime, message, result }) => `  ${startTime} ${message}${result === "succeeded" ? "" : `: ${result}`}`,
    ),
  ].join("\n");
}
