import { clusterFaults } from "./cluster";
import { emulatorFaults } from "./emulator";
import { engineFaults } from "./engine";
import type { Fault } from "./fault";
import { unitFaults } from "./unit";

/** Deliberate mistakes that a change could make, and the suite that catches each. */
export const faults: readonly Fault[] = [...clusterFaults, ...emulatorFaults, ...engineFaults, ...unitFaults];
