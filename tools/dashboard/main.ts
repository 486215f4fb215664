import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { page, pageHeight } from "./page";

const usage = `npm run dashboard -- [--out <folder>]

Draws the dashboard of a stack with sample data: dashboard.html, and with
Chromium also a picture in light and in dark colours.
--out    Default: dashboard-preview`;

const browsers = ["chromium", "chromium-browser", "google-chrome"];
const pictureLimitMs = 60_000;

async function main(): Promise<void> {
  const options = { out: { ...text, default: "dashboard-preview" }, help };
  const { out, help: asks } = optionsOf(process.argv.slice(2), options, usage);
  if (asks) return console.log(usage);
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "dashboard.html");
  writeFileSync(file, page());
  console.log(`wrote ${file}`);
  for (const theme of ["light", "dark"] as const) photograph(file, join(folder, `dashboard-${theme}.png`), theme);
}

/** Chromium's own numbers for prefers-color-scheme. */
const schemes = { dark: 0, light: 1 } as const;

function photograph(file: string, picture: string, theme: keyof typeof schemes): void {
  const args = [
    "--headless",
    "--no-sandbox",
    "--hide-scrollbars",
    `--blink-settings=preferredColorScheme=${schemes[theme]}`,
    `--window-size=1440,${pageHeight()}`,
    `--screenshot=${picture}`,
    String(pathToFileURL(file)),
  ];
  for (const browser of browsers) {
    const { error, status } = spawnSync(browser, args, { timeout: pictureLimitMs, stdio: "ignore" });
    if (error && (error as NodeJS.ErrnoException).code === "ENOENT") continue;
    console.log(
      status === 0 ? `wrote ${picture}` : `${browser} drew no picture (${error?.message ?? `exit code ${status}`})`,
    );
    return;
  }
  console.log(`no picture in ${theme}: found none of ${browsers.join(", ")}`);
}

run(main);
