import type { Target } from "../targets/target";

export const local: Target<"local", "this machine"> = {
  name: "local",
  title: "this machine",
  label: "local",
  componentType: "inference:local:LocalService",
  runsOn: "this machine",
  // Docker runs one container a variant, however large the load is.
  capabilities: { schedule: false, requestScaling: false, internalCallers: false },
};
