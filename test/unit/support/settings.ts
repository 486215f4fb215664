import type { Problem } from "../../../components/core/problems";
import { parseSettings, type Settings } from "../../../components/settings";

/** A stack's values that are right on their own, so that a test says only what it is about. */
const rightValues: Readonly<Record<string, unknown>> = {
  "aws:region": "eu-west-1",
  "inference:ingressCidrs": ["0.0.0.0/0"],
  "inference:allowHttp": true,
  "inference:eks": { endpointCidrs: ["192.0.2.0/24"] },
};

export function parse(own: Readonly<Record<string, unknown>>) {
  const given = Object.entries(own).map(([key, value]) => [key.includes(":") ? key : `inference:${key}`, value]);
  return parseSettings({ ...rightValues, ...Object.fromEntries(given) }, { project: "inference", stack: "test" });
}

export function settingsOf(own: Readonly<Record<string, unknown>> = {}): Settings {
  const parsed = parse(own);
  if ("problems" in parsed) throw new Error(`refused: ${JSON.stringify(parsed.problems)}`);
  return parsed.settings;
}

export function problemsOf(own: Readonly<Record<string, unknown>>): readonly Problem[] {
  const parsed = parse(own);
  return "problems" in parsed ? parsed.problems : [];
}
