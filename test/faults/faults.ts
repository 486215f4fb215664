import { clusterFaults } from "./cluster";
import { emulatorFaults } from "./emulator";
import { engineFaults } from "./engine";
import type { Fault } from "./fault";
import { programFaults } from "./program";
import { toolFaults } from "./tools";

/** Deliberate mistakes that a change could make, and the suite that catches each. */
export const faults: readonly Fault[] = [
  ...clusterFaults,
  ...emulatorFaults,
  ...engineFaults,
  ...programFaults,
  ...toolFaults,
];
