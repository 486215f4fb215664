import { posix } from "node:path";
import { fargateMemoryMiB } from "../../components/core/fargate-sizes";
import type { ServiceSpec } from "../../components/core/service-spec";
import type { RunningContainer } from "../container/running-container";
import { lastLogLine } from "../start/service";
import { type Finding, problem } from "./finding";
import { endOf, type Trial } from "./trial";

export interface Failure extends Pick<Trial, "refusal" | "ended" | "log"> {
  readonly spec: Pick<
    ServiceSpec,
    "cpuUnits" | "memoryMiB" | "readOnly" | "writablePaths" | "user" | "port" | "architecture" | "startSeconds"
  >;
}

type Cause = (words: string, failure: Failure) => Finding | undefined;

/** What a container that does not start most likely lacks, from its exit code and its log. */
export function causeOf(failure: Failure): Finding {
  const { refusal, ended, log } = failure;
  const words = `${refusal ?? ""}\n${log}`;
  const known = causes.map((cause) => cause(words, failure)).find((found) => found !== undefined);
  if (known) return known;
  if (refusal !== undefined) return problem(`Docker does not start it: ${refusal}`);
  return problem(`It ended with exit code ${ended?.exitCode} before it was ready: ${lastLogLine(log)}`);
}

const shownLines = 8;

/** For below a cause: nothing for an empty log. */
export const lastLines = (log: string) =>
  log.trim() === ""
    ? "It printed nothing."
    : `Its last lines:\n${log.trim().split("\n").slice(-shownLines).join("\n")}`;

/** Of a container that was ready and then ended while it answered requests. */
export async function endFinding(container: RunningContainer, { memoryMiB }: Pick<ServiceSpec, "memoryMiB">) {
  const [ended, log] = await Promise.all([endOf(container), container.log().catch(() => "")]);
  const why = ended?.outOfMemory ? `the kernel killed it, because ${memoryMiB} MiB were not enough` : undefined;
  const how = `It ended with exit code ${ended?.exitCode} while it answered requests${why ? `: ${why}` : ""}.`;
  return problem(`${how} ${lastLines(log)}`);
}

const ends = ({ ended }: Failure) => (ended ? `ended with exit code ${ended.exitCode}` : "does not start");

const outOfMemory: Cause = (_, { ended, spec }) => {
  if (!ended?.outOfMemory) return undefined;
  const next = fargateMemoryMiB[spec.cpuUnits]?.find((size) => size > spec.memoryMiB);
  const text = `It needs more than ${spec.memoryMiB} MiB: the kernel killed it.`;
  return next === undefined
    ? problem(`${text} cpu ${spec.cpuUnits} takes no more memory; raise both.`)
    : problem(text, { memory: next });
};

const wrongMachine: Cause = (words, { spec }) =>
  /exec format error/i.test(words)
    ? problem(
        `The image is for other machines than this one, or its start script has no #! line. architecture is ${spec.architecture}.`,
      )
    : undefined;

const missingProgram: Cause = (words, { ended }) => {
  const [, program] =
    /exec: "([^"]+)": (?:executable file not found|stat |no such file)/.exec(words) ??
    /exec ([^\s:"]+): no such file or directory/.exec(words) ??
    [];
  if (program !== undefined)
    return problem(`The image has no program ${program}, or not its interpreter. Set container.command.`);
  if (/no command specified/i.test(words)) return problem("The image has no command. Set container.command.");
  return ended?.exitCode === 127
    ? problem("A program that its start script calls is missing (exit code 127).")
    : undefined;
};

const notExecutable: Cause = (words) => {
  const [, program] = /exec: "([^"]+)": permission denied/.exec(words) ?? [];
  return program === undefined
    ? undefined
    : problem(
        `${program} is not executable for the user that runs it. Add RUN chmod 755 ${program} to the Dockerfile.`,
      );
};

/** Paths as Python, Node, a shell and most others print them in such a message. */
const quotedPath = /['"`]?(\/[\w.@/+-]+)['"`]?/;

const readOnlyRoot: Cause = (words, failure) => {
  const line = words.split("\n").find((one) => /read-only file system|EROFS/i.test(one));
  if (line === undefined || !failure.spec.readOnly) return undefined;
  const path =
    quotedPath.exec(line.replace(/^.*?(read-only file system|EROFS)/i, ""))?.[1] ?? quotedPath.exec(line)?.[1];
  const text = `It ${ends(failure)}, because the root file system is read-only`;
  if (path === undefined) return problem(`${text}: ${line.trim()}`, { "container.readOnly": false });
  const folder = writableFolder(path);
  return problem(`${text} and it writes ${path}.`, {
    "container.writablePaths": [...failure.spec.writablePaths, folder],
  });
};

/** A file's folder; a name without an ending is taken for a folder that the server wanted to create. */
export const writableFolder = (path: string) => (/\.\w+$/.test(posix.basename(path)) ? posix.dirname(path) : path);

const lowPort: Cause = (words) => {
  const line = words.split("\n").find((one) => /permission denied|EACCES|operation not permitted/i.test(one));
  if (line === undefined || !/bind|listen|address|\bport\b/i.test(line)) return undefined;
  const text = `It may not listen on its port: on ECS and EKS only root can listen below 1024. ${line.trim()}`;
  return problem(
    `${text} Set container.port to a higher one if the server reads PORT. Otherwise it has to run as root.`,
    {
      "container.user": "root",
    },
  );
};

const deniedPath: Cause = (words, failure) => {
  const line = words.split("\n").find((one) => /permission denied|EACCES|PermissionError/i.test(one));
  if (line === undefined) return undefined;
  const path = quotedPath.exec(line)?.[1];
  const { user } = failure.spec;
  const who = user ? `user ${user.uid}` : "its user";
  if (path === undefined) return problem(`It ${ends(failure)}: ${line.trim()}`);
  const text = `It ${ends(failure)}: ${who} may not use ${path}. Replicas have no capabilities, so root obeys file modes, too.`;
  return problem(`${text} A folder in container.writablePaths is empty and writable; or chown it in the Dockerfile.`, {
    "container.writablePaths": [...failure.spec.writablePaths, writableFolder(path)],
  });
};

const capabilities: Cause = (words, failure) => {
  const line = words.split("\n").find((one) => /operation not permitted|EPERM|setgroups|setuid|setgid/i.test(one));
  return line === undefined
    ? undefined
    : problem(
        `It ${ends(failure)}: replicas have no capabilities, so it cannot change users or owners: ${line.trim()}. Run it as its final user.`,
      );
};

const missingVariable: Cause = (words, failure) => {
  const [, name] = /KeyError: ['"]([A-Z][A-Z0-9_]+)['"]/.exec(words) ?? [];
  return name === undefined
    ? undefined
    : problem(`It ${ends(failure)}: the variable ${name} is missing. Set it in the key environment, or in secrets.`);
};

const noServer: Cause = (_, { ended }) =>
  ended?.exitCode === 0
    ? problem("It ended by itself with exit code 0: its command is no server. Set container.command or container.args.")
    : undefined;

const causes: readonly Cause[] = [
  outOfMemory,
  wrongMachine,
  missingProgram,
  notExecutable,
  readOnlyRoot,
  lowPort,
  deniedPath,
  capabilities,
  missingVariable,
  noServer,
];
