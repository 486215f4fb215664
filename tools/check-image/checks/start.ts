import { imageArchitecture, type ServiceSpec } from "../../../components/core/service-spec";
import { lastLogLine } from "../../start/service";
import { causeOf, lastLines } from "../cause";
import { type Check, type Context, startSecondsFor } from "../context";
import { type Finding, notChecked, ok, problem, warning } from "../finding";

export const start: Check = {
  name: "start",
  needsServer: false,
  run: async (context) => [...started(context), ...architecture(context), ...missingSecrets(context.spec)],
};

function started({ trial, spec, answers }: Context): Finding[] {
  const { refusal, ended, readySeconds, waitedSeconds, log } = trial;
  if (refusal !== undefined || ended !== undefined)
    return [causeOf({ refusal, ended, log, spec }), ...(log.trim() === "" ? [] : [notChecked(lastLines(log))])];
  const wanted = startSecondsFor({ readySeconds, waitedSeconds, isAnswering: answers !== undefined }, spec);
  if (readySeconds !== undefined) return [ready(readySeconds, spec, wanted)];
  if (answers !== undefined)
    return [
      ok("It runs and answers HTTP, though not where it is asked. See below."),
      ...(wanted === undefined ? [] : [ready(waitedSeconds, spec, wanted, "It answers")]),
    ];
  const last = log.trim() === "" ? "It printed nothing." : `Its last line: ${lastLogLine(log)}.`;
  const text = `It runs, but did not answer HTTP on port ${spec.port} within ${Math.round(waitedSeconds)} s. ${last}`;
  const isSlow = waitedSeconds >= spec.startSeconds;
  return [isSlow ? problem(`${text} Raise container.startSeconds if it needs longer.`) : problem(text)];
}

/** Docker on this machine is seldom slower than a new replica. */
function ready(seconds: number, { startSeconds }: ServiceSpec, wanted: number | undefined, what = "Ready"): Finding {
  const text = `${what} ${seconds.toFixed(1)} s after its start`;
  if (wanted === undefined) return ok(`${text}; container.startSeconds is ${startSeconds}.`);
  const set = { "container.startSeconds": wanted };
  if (seconds > startSeconds)
    return problem(`${text}, and container.startSeconds is ${startSeconds}: ECS and EKS replace it before.`, set);
  return warning(`${text}; expected twice that, because a new replica can be slower than this machine.`, set);
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
