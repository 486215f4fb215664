import { cpus } from "node:os";
import type { ServiceSpec } from "../../components/core/service-spec";
import { workloadsOf } from "../../components/core/workload";
import type { Measurement } from "../../components/pricing";
import type { Settings } from "../../components/settings";
import { runsOnAws, targetNamed } from "../../components/targets";
import { UserError } from "../cli/user-error";
import { isThisMachine } from "../load/ownership";
import { deployedStack } from "../stack/deployed";
import type { AskedMeasure } from "./arguments";
import { storedBytes } from "./stored-image";

/** What is measured, and what is known about it before the load. */
export interface Subject extends Pick<Measurement, "subject" | "imageDigest" | "cpuModel" | "vcpus"> {
  /** Absent for the deployed stack. */
  readonly url?: URL;
  /** The variant of the deployed stack. */
  readonly variant?: string;
  readonly imageBytes?: number;
}

const thisCpu = () => cpus()[0]?.model.trim();

/** A server at an address. Its origin only: the rest of the URL may hold a key. */
export function atAddress({ url, cpuUnits }: { readonly url: URL; readonly cpuUnits: number }): Subject {
  const cpuModel = isThisMachine(url) ? thisCpu() : undefined;
  return { url, subject: url.origin, vcpus: cpuUnits / 1024, ...(cpuModel !== undefined && { cpuModel }) };
}

/** A container on this machine with the limits of a replica. */
export function inContainer(url: URL, image: string, imageDigest: string | undefined, spec: ServiceSpec): Subject {
  const cpuModel = thisCpu();
  return {
    url,
    subject: withDigest(image, image.includes("@") ? undefined : imageDigest),
    ...(imageDigest !== undefined && { imageDigest }),
    ...(cpuModel !== undefined && { cpuModel }),
    vcpus: spec.cpuUnits / 1024,
  };
}

const withDigest = (what: string, digest: string | undefined) => (digest === undefined ? what : `${what} (${digest})`);

/** One variant behind the load balancer of the stack. */
export async function deployedVariant({ stack, variant }: AskedMeasure, settings: Settings): Promise<Subject> {
  if (!runsOnAws(settings.target))
    throw new UserError(
      `--stack is ${stack}, which runs on this machine; give the URL of a replica and --cpu, or an image`,
    );
  const workloads = workloadsOf(settings, (target) => targetNamed(target).capabilities.schedule);
  const names = workloads.map(({ variant: name }) => name);
  const name = variant ?? (names.length === 1 ? names[0] : undefined);
  const workload = workloads.find((one) => one.variant === name);
  if (workload === undefined)
    throw new UserError(`--variant is ${variant ?? "missing"}; expected one of ${names.join(", ")}`);
  const deployed = await deployedStack(stack);
  const imageDigest = workload.image.split("@")[1] ?? deployed.outputs.imageDigest;
  const imageBytes = imageDigest === undefined ? undefined : await storedBytes(deployed, workload.image, imageDigest);
  return {
    variant: workload.variant,
    subject: withDigest(`variant ${workload.variant} of stack ${stack}`, imageDigest),
    ...(imageDigest !== undefined && { imageDigest }),
    ...(imageBytes !== undefined && { imageBytes }),
    vcpus: workload.spec.cpuUnits / 1024,
  };
}
