import type { Fault } from "./fault";

/** In the tools and the files around the program, caught by a suite of the unit tier. */
export const toolFaults: readonly Fault[] = [
  {
    name: "a restart that does not wait for the new pods",
    edits: [["tools/restart/eks.ts", "await untilComplete(place, kube, polling);", "void untilComplete;"]],
    suite: "unit/tools/restart/eks.test.ts",
    says: /1\) deletes the copied secrets first, .* waits/,
  },
  {
    name: "a release that goes on despite an alarm",
    edits: [["tools/release/bake.ts", "if (firing.length > 0) return", "if (firing.length < 0) return"]],
    suite: "unit/tools/release/bake.test.ts",
    says: /1\) ends at once with the reason at an alarm/,
  },
  {
    name: "a doctor that takes the lock of a killed update for a running one",
    edits: [["tools/cli/is-running.ts", "return process.kill(pid, 0);", "return true;"]],
    suite: "unit/tools/doctor/stack.test.ts",
    says: /1\) left by a killed process/,
  },
  {
    name: "children that a component's alias does not rename",
    edits: [["tools/plan-diff/identity.ts", "return [...own, ...inherited];", "return own;"]],
    suite: "unit/tools/plan-diff/compare.test.ts",
    says: /1\) gives the children of a component the names that follow from its alias/,
  },
  {
    name: "a replacement that plan-diff takes for a change in place",
    edits: [["tools/plan-diff/compare.ts", "    ...replacedBy(after.type, changed),\n", ""]],
    suite: "unit/tools/plan-diff/compare.test.ts",
    says: /1\) replaces a resource for an input that AWS cannot change/,
  },
  {
    name: "a vulnerability in a shipped package that the audit passes over",
    edits: [["tools/audit/report.ts", '["high", "critical"]', '["critical"]']],
    suite: "unit/tools/audit/audit.test.ts",
    says: /1\) fails at a high vulnerability in a package of the image/,
  },
  {
    name: "a licence that nobody allowed",
    edits: [["tools/sbom/licences.ts", '"ISC", "MIT"]', '"MIT"]']],
    suite: "unit/tools/sbom/sbom.test.ts",
    says: /1\) of everything shipped are allowed/,
  },
  {
    name: "a bill of materials that differs each time",
    edits: [["tools/sbom/bom.ts", "serialNumber: _number, ...kept", "...kept"]],
    suite: "unit/tools/sbom/sbom.test.ts",
    says: /1\) writes the packages of the program, the same text each time/,
  },
  {
    name: "a pin of another digest than that of the manifest",
    edits: [["tools/pin/resolve.ts", '.update(bytes).digest("hex")', '.update(path).digest("hex")']],
    suite: "unit/tools/pin-image.test.ts",
    says: /1\) prints the line and the architectures without a stack/,
  },
  {
    name: "a pinned base image that stays at its old digest",
    edits: [["tools/pin/bases.ts", 'const [tagged = before] = before.split("@");', "const tagged = before;"]],
    suite: "unit/tools/pin.test.ts",
    says: /1\) returns the newest digest of a tag that is already pinned/,
  },
  {
    name: "an update of Renovate to an SDK that needs a later Node",
    edits: [["renovate.json", '"allowedVersions": "<3.249.0"', '"groupName": "pulumi"']],
    suite: "unit/renovate.test.ts",
    says: /1\) allows the versions that are installed/,
  },
];
