import { edgeActions } from "./edge";
import { monitoringActions } from "./monitoring";
import { networkActions } from "./network";
import { platformsActions } from "./platforms";
import type { Actions } from "./types";

export { childTypes, clientServices, clusterRoles, functionActions, furtherActions } from "./functions";

/** By resource type. Objects in a cluster need no action of AWS. */
export const resourceActions: Readonly<Record<string, Actions>> = {
  ...networkActions,
  ...edgeActions,
  ...platformsActions,
  ...monitoringActions,
};
