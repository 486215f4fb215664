import type { Problem } from "../core/problems";
import type { SidecarSettings } from "../core/sidecar";
import { userNumbers } from "./container";
import { entry } from "./entry";
import { digestReference } from "./image";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { environmentText, flag, integer, list, object, optional, record, type Schema, text } from "./schema";

const name = {
  fits: /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/,
  expected: "at most 32 lower-case letters, digits and - in the name of a sidecar",
};
const variableName = { fits: /^[A-Za-z_][A-Za-z0-9_]*$/, expected: "letters, digits and _ in the name of a variable" };
const word = text("a text that is not empty", (value) => value !== "");

/** Docker gives no container less than 6 MiB (RegisterTaskDefinition). */
const sidecar: Schema<SidecarSettings> = object(
  {
    image: text("repository@sha256:<64 hex digits> (npm run pin -- repository:tag prints it)", (value) =>
      digestReference.test(value),
    ),
    cpu: integer(16, 8192),
    memory: integer(16, 61_440),
    command: optional(list(word)),
    args: optional(list(word)),
    environment: record(variableName, environmentText),
    user: optional(userNumbers),
    readOnly: flag,
  },
  { environment: {}, readOnly: true },
);

/** A task has at most ten containers (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html). Two are the program's. */
const mostSidecars = 8;
const takenNames: readonly string[] = ["inference", "writable-paths"];

export const sidecarKeys = {
  sidecars: entry({
    schema: record(name, sidecar),
    fallback: {},
    text: "Further containers of every replica on ECS and EKS, by a name of yours: an agent, a proxy. Each has a share of the replica's `cpu` and `memory`; the container keeps the rest. The container reaches a sidecar at 127.0.0.1. `user` is the container's unless you name another, and the root file system is read-only unless `readOnly` is false. A sidecar has the permissions of the container's code and writes into the same log. It starts before the container, ends after it, and is started again when it ends (docs/bring-your-container.md).",
    example: {
      sidecars: {
        collector: { image: `otel/opentelemetry-collector@sha256:${"0".repeat(64)}`, cpu: 128, memory: 256 },
      },
    },
  }),
};

export const sidecarRules = [
  whenValid({
    key: "sidecars",
    fact: `At most ${mostSidecars}, with other names than ${takenNames.map((taken) => `\`${taken}\``).join(" and ")}. \`command\` and \`args\` are not empty.`,
    reads: ["sidecars"],
    problems: namingProblems,
  }),
  whenValid({
    key: "sidecars",
    fact: "Together they take at most half of `cpu` and half of `memory`.",
    reads: ["sidecars", "cpu", "memory"],
    problems: shareProblems,
  }),
];

function namingProblems({ sidecars }: Pick<Values, "sidecars">): Problem[] {
  const names = Object.keys(sidecars);
  const count = { key: "sidecars", value: names.length, expected: `at most ${mostSidecars} sidecars` };
  const taken = names
    .filter((each) => takenNames.includes(each))
    .map((each) => ({
      key: `sidecars.${each}`,
      value: each,
      expected: "another name: the program's own container has this",
    }));
  const empty = Object.entries(sidecars).flatMap(([each, { command, args }]) =>
    Object.entries({ command, args })
      .filter(([, words]) => words?.length === 0)
      .map(([field]) => ({
        key: `sidecars.${each}.${field}`,
        value: [],
        expected: "at least one word; or leave it out",
      })),
  );
  return [...(names.length > mostSidecars ? [count] : []), ...taken, ...empty];
}

function shareProblems({ sidecars, cpu, memory }: Pick<Values, "sidecars" | "cpu" | "memory">): Problem[] {
  const all = Object.values(sidecars);
  const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0);
  const together = { cpu: sum(all.map((each) => each.cpu)), memory: sum(all.map((each) => each.memory)) };
  const problem = (field: keyof typeof together, whole: number) => ({
    key: "sidecars",
    value: together,
    expected: `at most ${whole / 2} of ${field} together, half of the replica's ${whole}`,
  });
  return [
    ...(together.cpu * 2 > cpu ? [problem("cpu", cpu)] : []),
    ...(together.memory * 2 > memory ? [problem("memory", memory)] : []),
  ];
}
