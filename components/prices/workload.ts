import data from "./measured.json";

/** What one inference takes, as it was measured; measured.json says where. */
export const measured = data;

export interface Size {
  readonly cpuUnits: number;
}

/** What a replica answers at most; a vCPU of AWS is taken to be as fast as the core that was measured. */
export const mostRequestsPerSecond = ({ cpuUnits }: Size) => (cpuUnits / 1024) * measured.imagesPerSecondPerVcpu.value;

/** What a replica answers when scaling adds no other. */
export const steadyRequestsPerSecond = (spec: Size & { readonly scaling: { readonly cpuPercent: number } }) =>
  (mostRequestsPerSecond(spec) * spec.scaling.cpuPercent) / 100;
