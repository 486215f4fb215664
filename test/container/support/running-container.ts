import { type ServiceSpec, serviceSpec } from "../../../components/core/service-spec";
import { parseSettings } from "../../../components/settings";
import { type ContainerToRun, RunningContainer as Running } from "../../../tools/container/running-container";
import type { Image } from "./image-under-test";

/** The spec of a replica with default settings. */
export function taskSpec(): ServiceSpec {
  const parsed = parseSettings({ "inference:target": "local" }, { project: "inference", stack: "test" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return serviceSpec(parsed.settings);
}

export type RunningContainer = Running;

/** A ready container of the image under test. */
export const RunningContainer = {
  start: ({ docker, id }: Image, options: Pick<ContainerToRun, "command" | "extra"> = {}) =>
    Running.start(docker, { spec: taskSpec(), image: id, ...options }),
};
