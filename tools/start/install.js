const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const limitMinutes = 15;

/** Installs the packages of the folder's lockfile; returns the reason when that failed. */
function installIfMissing(folder) {
  if (isInstalled(folder)) return undefined;
  console.log(`Installing the packages of ${folder} (npm ci) ...`);
  // Without scripts: no package needs them here, and onnxruntime's fetches GPU libraries. With TypeScript, also under NODE_ENV=production.
  const npm = spawnSync("npm", ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: "inherit",
    timeout: limitMinutes * 60_000,
  });
  if (npm.error?.code === "ETIMEDOUT") return `npm ci in ${folder} had not ended after ${limitMinutes} minutes.`;
  if (npm.error !== undefined) return `npm cannot be run: ${npm.error.message}. It comes with Node.`;
  return npm.status === 0 ? undefined : `npm ci failed in ${folder}; see its messages above.`;
}

/** Compares the lockfile with the list that npm keeps of the installed packages. */
function isInstalled(folder) {
  const installed = notedIn(join(folder, "node_modules/.package-lock.json"));
  if (installed === undefined) return false;
  return Object.entries(packagesIn(join(folder, "package-lock.json"))).every(
    ([name, { version, optional = false }]) =>
      name === "" || (installed[name] === undefined ? optional : installed[name].version === version),
  );
}

/** Undefined when the list is missing, or incomplete after an interrupted npm. */
function notedIn(note) {
  if (!existsSync(note)) return undefined;
  try {
    return packagesIn(note);
  } catch {
    return undefined;
  }
}

const packagesIn = (lockfile) => JSON.parse(readFileSync(lockfile, "utf8")).packages;

/** The packages of all the project's commands: the program's, the container's and those that make its models. */
function installAll(root) {
  return installIfMissing(root) ?? installIfMissing(join(root, "app")) ?? installIfMissing(join(root, "modelling"));
}

module.exports = { installAll, installIfMissing, isInstalled };

if (require.main === module) {
  const obstacle = installAll(join(__dirname, "../.."));
  if (obstacle !== undefined) {
    console.error(obstacle);
    process.exitCode = 1;
  }
}
