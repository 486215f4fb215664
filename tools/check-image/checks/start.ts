import { imageArchitecture, type ServiceSpec } from "../../../components/core/service-spec";
import { lastLogLine } from "../../start/service";
import { causeOf, lastLines } from "../cause";
import type { Check, Context } from "../context";
import { type Finding, notChecked, ok, problem, warning } from "../finding";

const shortestLimit = 60;

export const start: Check = {
  name: "start",
  needsServer: false,
  run: async (context) => [...started(context), ...architecture(context), ...missingSecrets(context.spec)],
};

function started({ trial, spec, answers }: Context): Finding[] {
  const { refusal, ended, readySeconds, waitedSeconds, log } = trial;
  if (refusal !== undefined || ended !== undefined)
    return [causeOf({ refusal, ended, log, spec }), ...(log.trim() === "" ? [] : [notChecked(lastLines(log))])];
  if (readySeconds !== undefined) return [ready(readySeconds, spec)];
  if (answers !== undefined) return [ok("It runs and answers HTTP, though not where it is asked. See below.")];
  const text = `It runs, but did not answer HTTP on port ${spec.port} within ${Math.round(waitedSeconds)} s. Its last line: ${lastLogLine(log)}`;
  const isSlow = waitedSeconds >= spec.startSeconds;
  return [isSlow ? problem(`${text}. Raise container.startSeconds if it needs longer.`) : problem(text)];
}

/** Docker on this machine is seldom slower than a new replica. */
function ready(seconds: number, spec: ServiceSpec): Finding {
  const wanted = Math.max(shortestLimit, Math.ceil((2 * seconds) / 10) * 10);
  const text = `Ready ${seconds.toFixed(1)} s after its start`;
  if (wanted <= spec.startSeconds) return ok(`${text}; container.startSeconds is ${spec.startSeconds}.`);
  return warning(`${text}; expected twice that, because a new replica can be slower than this machine.`, {
    "container.startSeconds": wanted,
  });
}

function architecture({ image, spec }: Context): Finding[] {
  const wanted = imageArchitecture[spec.architecture];
  if (image.architecture === wanted) return [];
  if (image.isBuiltHere)
    return [notChecked(`Built for ${image.architecture} here. pulumi up builds it for ${wanted}.`)];
  const other = Object.entries(imageArchitecture).find(([, name]) => name === image.architecture)?.[0];
  const text = `The image is for ${image.architecture}, and the key architecture is ${spec.architecture}.`;
  return [problem(text, other === undefined ? undefined : { architecture: other })];
}

function missingSecrets({ secrets }: ServiceSpec): Finding[] {
  const missing = Object.keys(secrets).filter((name) => process.env[name] === undefined);
  if (missing.length === 0) return [];
  return [notChecked(`It ran without its secrets ${missing.join(", ")}. Set variables of these names in this shell.`)];
}
