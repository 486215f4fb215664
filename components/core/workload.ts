import { type ReplicaSettings, type ServiceSpec, serviceSpec } from "./service-spec";

/** One variant of one model, resolved: all that a target needs to run it. */
export interface Workload<TargetName extends string = string> {
  /** The names of its resources start with the stack's name and this. */
  readonly id: string;
  readonly model: string;
  /** The value of the header `x-variant` that reaches it. */
  readonly variant: string;
  readonly target: TargetName;
  /** Its share of the model's traffic, in percent. */
  readonly weight: number;
  readonly spec: ServiceSpec;
  /** "build", or the repository@sha256:... of an image that exists. */
  readonly image: string;
}

/** The spec for resources that the workloads of a platform share, such as the log group. A stack has one model, so one spec. */
export function sharedSpec(workloads: readonly Pick<Workload, "spec">[]): ServiceSpec {
  const [first] = workloads;
  if (first === undefined) throw new Error("a platform needs at least one workload");
  return first.spec;
}

/** The settings that decide which workloads a stack has. */
export interface WorkloadSettings<TargetName extends string> extends ReplicaSettings {
  readonly image: string;
  readonly model: {
    readonly name: string;
    readonly variants: readonly {
      readonly name: string;
      readonly target: TargetName;
      readonly weight: number;
      /** Its own image in place of the stack's. */
      readonly image?: string;
    }[];
  };
}

/** A variant on a target without schedules keeps the usual bounds in every window. */
export function workloadsOf<TargetName extends string>(
  settings: WorkloadSettings<TargetName>,
  hasSchedules: (target: TargetName) => boolean,
): Workload<TargetName>[] {
  const { model, image: stackImage } = settings;
  const spec = serviceSpec(settings);
  return model.variants.map(({ name, target, weight, image = stackImage }) => ({
    id: name,
    model: model.name,
    variant: name,
    target,
    weight,
    spec: hasSchedules(target) ? spec : { ...spec, schedule: {} },
    image,
  }));
}
