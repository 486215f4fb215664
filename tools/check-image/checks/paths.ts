import { presetNames, presets } from "../../../components/core/presets";
import type { ServiceSpec } from "../../../components/core/service-spec";
import { type Answers, answeringPaths, type Check } from "../context";
import { type Finding, notChecked, ok, problem } from "../finding";

export const paths: Check = {
  name: "paths",
  needsServer: false,
  run: async ({ answers, spec, trial }) =>
    answers === undefined
      ? [notChecked("It does not answer.")]
      : pathFindings(answers, spec.paths, trial.waitedSeconds),
};

export function pathFindings(
  answers: Pick<Answers, "statuses">,
  { readiness, liveness }: ServiceSpec["paths"],
  waitedSeconds: number,
): Finding[] {
  const { readinessPath, livenessPath } = answeringPaths(answers, { readiness, liveness });
  const { statuses } = answers;
  const isOne = readiness === liveness;
  const uses = isOne ? "readiness and liveness" : "readiness";
  if (readinessPath === undefined) {
    const none = `No usual path answers 200 after ${Math.round(waitedSeconds)} s. If the server has a path of its own for this, set container.readinessPath in a stack file and pass --stack; otherwise add one to the server.`;
    return [problem(`${failure(readiness, statuses)} (${uses}). ${none}`)];
  }
  const found = [];
  if (readinessPath === readiness) found.push(ok(`GET ${readiness} answers 200 (${uses}).`));
  else {
    const others = [...statuses].filter(([, status]) => status === 200).map(([path]) => path);
    const text = `${failure(readiness, statuses)} (${uses}). 200 comes from ${others.join(", ")}${presetHint(others)}.`;
    const set = { "container.readinessPath": readinessPath, ...(isOne && { "container.livenessPath": readinessPath }) };
    found.push(problem(text, set));
  }
  if (isOne || liveness === undefined || livenessPath === undefined) return found;
  if (livenessPath === liveness) return [...found, ok(`GET ${liveness} answers 200 (liveness).`)];
  const text = `${failure(liveness, statuses)} (liveness). A replica that fails its liveness check is replaced.`;
  return [...found, problem(text, { "container.livenessPath": livenessPath })];
}

function failure(path: string, statuses: Answers["statuses"]): string {
  const status = statuses.get(path);
  if (status === undefined) return `GET ${path} is not answered; expected 200`;
  const redirect = status >= 300 && status < 400 ? ", because the load balancer follows no redirect" : "";
  return `GET ${path} answers ${status}; expected 200${redirect}`;
}

const mostHints = 2;

/** A path that only some presets have is a hint at one of them. */
function presetHint(answering: readonly string[]): string {
  const fitting = presetNames.filter((name) => {
    const { readinessPath, livenessPath } = presets[name];
    return name !== "other" && answering.includes(readinessPath) && answering.includes(livenessPath);
  });
  return fitting.length === 0 || fitting.length > mostHints ? "" : `, as with preset ${fitting.join(", ")}`;
}
