import type { Target } from "../targets/target";

export const local: Target<"local", "this machine"> = {
  name: "local",
  title: "this machine",
  label: "local",
  componentType: "inference:local:LocalService",
  runsOn: "this machine",
  // Docker runs one container a variant, however large the load is.
  capabilities: { cluster: false, schedule: false, requestScaling: false, internalCallers: false },
  notes: ({ domain, auth, apiKeys, sidecars, volumes }) => [
    {
      applies: Object.keys(volumes).length > 0,
      text: "volumes are not mounted on local: their paths are those of the image",
      warns: true,
    },
    {
      applies: Object.keys(sidecars).length > 0,
      text: "sidecars do not run on local: the container has only its own share of cpu and memory",
    },
    {
      applies: domain !== undefined || Object.keys(auth).length > 0 || apiKeys !== "none",
      text: "domain, auth and apiKeys do not apply to local: anyone on this machine can call",
      warns: true,
    },
  ],
  preflight: async () => [],
  pricing: { items: () => [], replicas: () => [] },
};
