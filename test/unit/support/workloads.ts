import { serviceSpec } from "../../../components/core/service-spec";
import type { Workload } from "../../../components/core/workload";
import { settingsOf } from "./settings";

/** A workload with all the traffic, named after its target unless a test says otherwise. */
export function workloadOf(variant: string, own: Partial<Workload> = {}, settings = settingsOf()): Workload {
  const spec = serviceSpec(settings);
  return { id: variant, model: "main", variant, target: variant, weight: 100, spec, image: settings.image, ...own };
}
