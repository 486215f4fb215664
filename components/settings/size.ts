import { fargateCpuUnits, fargateMemoryMiB } from "../core/fargate-sizes";
import type { Problem } from "../core/problems";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { integer, integerIn, oneOf } from "./schema";

export const sizeKeys = {
  architecture: entry({
    schema: oneOf(["x86_64", "arm64"]),
    fallback: "x86_64",
    text: "The CPU architecture of the image and of the machines.",
    example: { architecture: "arm64" },
  }),
  cpu: entry({
    schema: integerIn(fargateCpuUnits),
    fallback: 1024,
    text: "CPU units of a replica. 1024 are one vCPU.",
    example: { cpu: 2048, memory: 4096 },
  }),
  memory: entry({
    schema: integer(512, 122880),
    fallback: 2048,
    text: "Memory of a replica in MiB, in the sizes that Fargate offers for its `cpu`.",
    example: { cpu: 512, memory: 1024 },
  }),
};

const sizes = Object.entries(fargateMemoryMiB).map(([cpu, [first = 0, second = 0, ...more]]) => {
  const isRange = more.length > 1;
  const inRange = `${first} to ${more.at(-1)} in steps of ${second - first}`;
  return `${isRange ? inRange : [first, second, ...more].join(", ")} (cpu ${cpu})`;
});

export const sizeRules = [
  whenValid({
    key: "memory",
    fact: `Fargate offers ${sizes.join("; ")}.`,
    reads: ["cpu", "memory"],
    problems: memoryProblems,
  }),
];

function memoryProblems({ cpu, memory }: Pick<Values, "cpu" | "memory">): Problem[] {
  const offered = fargateMemoryMiB[cpu] ?? [];
  if (offered.includes(memory)) return [];
  return [
    { key: "memory", value: memory, expected: `a size that Fargate offers with cpu ${cpu}: ${offered.join(", ")}` },
  ];
}
