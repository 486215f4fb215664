import { presetNames, presets } from "../../../components/core/presets";
import type { Answers, Check } from "../context";
import { type Finding, notChecked, ok, problem } from "../finding";

export const paths: Check = {
  name: "paths",
  needsServer: false,
  run: async ({ answers, spec: { paths }, trial }) => {
    if (answers === undefined) return [notChecked("It does not answer.")];
    return [...readiness(answers, paths.readiness, trial.waitedSeconds), ...liveness(answers, paths)];
  },
};

function readiness({ statuses }: Answers, path: string, waitedSeconds: number): Finding[] {
  const status = statuses.get(path);
  if (status === 200) return [ok(`GET ${path} answers 200 (readiness).`)];
  const others = [...statuses].filter(([, one]) => one === 200).map(([other]) => other);
  const got = status === undefined ? "does not answer" : `answers ${status}`;
  const redirect =
    status !== undefined && status >= 300 && status < 400 ? ", and the load balancer follows no redirect" : "";
  const text = `GET ${path} ${got}${redirect}; the load balancer expects 200 (readiness).`;
  const [best] = others;
  if (best === undefined)
    return [problem(`${text} No usual path answers 200 after ${Math.round(waitedSeconds)} s: add one to the server.`)];
  return [problem(`${text} These do: ${others.join(", ")}${presetHint(others)}.`, { "container.readinessPath": best })];
}

/** A path that only some presets have is a hint at one of them. */
function presetHint(answering: readonly string[]): string {
  const fitting = presetNames.filter((name) => {
    const { readinessPath, livenessPath } = presets[name];
    return name !== "other" && answering.includes(readinessPath) && answering.includes(livenessPath);
  });
  return fitting.length === 0 ? "" : `, as with preset ${fitting.join(", ")}`;
}

function liveness(
  { statuses }: Answers,
  { readiness: ready, liveness: path }: { readiness: string; liveness?: string },
) {
  if (path === undefined || path === ready) return [];
  const status = statuses.get(path);
  if (status === 200) return [ok(`GET ${path} answers 200 (liveness).`)];
  const got = status === undefined ? "does not answer" : `answers ${status}`;
  const [best = "none"] = [...statuses].filter(([, one]) => one === 200).map(([other]) => other);
  return [
    problem(`GET ${path} ${got}: a replica that fails its liveness check is replaced.`, {
      "container.livenessPath": best,
    }),
  ];
}
