import data from "./measured.json";

/** The measured cost of one inference; measured.json has the source. */
export const measured = data;

export interface Size {
  readonly cpuUnits: number;
}

/** The highest rate of one vCPU. A vCPU is assumed to be equally fast on Fargate, EC2 and Lambda. */
export interface Rate {
  readonly perVcpu: number;
}

export const measuredRate: Rate = { perVcpu: measured.imagesPerSecondPerVcpu.value };

/** The measured rate of a replica of this size with your own model. */
export const rateOf = (perReplica: number, { cpuUnits }: Size): Rate => ({ perVcpu: perReplica / (cpuUnits / 1024) });

export const mostRequestsPerSecond = ({ cpuUnits }: Size, { perVcpu } = measuredRate) => (cpuUnits / 1024) * perVcpu;

/** The rate of a replica at which scaling adds no other. */
export const steadyRequestsPerSecond = (
  spec: Size & { readonly scaling: { readonly cpuPercent: number } },
  rate = measuredRate,
) => (mostRequestsPerSecond(spec, rate) * spec.scaling.cpuPercent) / 100;
