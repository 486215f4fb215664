import data from "./measured.json";

/** What one inference takes, as it was measured; measured.json says where. */
export const measured = data;

export interface Size {
  readonly cpuUnits: number;
}

/** What one vCPU answers at most. A vCPU is taken to be as fast on Fargate, on EC2 and in Lambda. */
export interface Rate {
  readonly perVcpu: number;
}

export const measuredRate: Rate = { perVcpu: measured.imagesPerSecondPerVcpu.value };

/** The rate of a replica of this size, as somebody measured it with the own model. */
export const rateOf = (perReplica: number, { cpuUnits }: Size): Rate => ({ perVcpu: perReplica / (cpuUnits / 1024) });

export const mostRequestsPerSecond = ({ cpuUnits }: Size, { perVcpu } = measuredRate) => (cpuUnits / 1024) * perVcpu;

/** What a replica answers when scaling adds no other. */
export const steadyRequestsPerSecond = (
  spec: Size & { readonly scaling: { readonly cpuPercent: number } },
  rate = measuredRate,
) => (mostRequestsPerSecond(spec, rate) * spec.scaling.cpuPercent) / 100;
