import { type Preset, presets } from "../../components/core/presets";
import { table } from "./table";

/** What each preset sets: a field that the stack file leaves out. */
export function presetTable(): string {
  const head = ["`preset`", "`port`", "`readinessPath`", "`livenessPath`", "`startSeconds`", "`platformPaths`", "From"];
  const rows = Object.entries<Preset>(presets).map(([name, preset]) => [
    `\`${name}\``,
    String(preset.port),
    `\`${preset.readinessPath}\``,
    `\`${preset.livenessPath}\``,
    String(preset.startSeconds),
    preset.platformPaths.map((path) => `\`${path}\``).join(" ") || "none",
    sourceOf(preset),
  ]);
  return table(head, rows);
}

function sourceOf({ source }: Preset): string {
  if (source.startsWith("https://")) return `[${new URL(source).hostname}](${source})`;
  return source.endsWith(".md") ? `[our server](../${source})` : source;
}
