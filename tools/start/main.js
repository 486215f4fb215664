// `npm start`, from a fresh clone with Node alone: plain JavaScript, because TypeScript comes with what this installs.
const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "../..");
const oldestNodeMajor = 20;

function main() {
  if (Number(process.versions.node.split(".")[0]) < oldestNodeMajor) {
    fail(`Node is ${process.version}; expected v${oldestNodeMajor} or later. Install it from https://nodejs.org.`);
  }
  for (const folder of [".", "app"]) installIfStale(folder);
  process.env.TS_NODE_TRANSPILE_ONLY = "true";
  process.chdir(root);
  require("ts-node/register");
  require("./start.ts");
}

function installIfStale(folder) {
  const path = join(root, folder);
  if (isInstalled(path)) return;
  console.log(`Installing ${folder === "." ? "the program's" : `${folder}'s`} packages (npm ci) ...`);
  // Scripts off: no package needs one here, and onnxruntime's would fetch GPU libraries.
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: path,
    stdio: "inherit",
  });
  if (npm.error !== undefined) fail(`npm cannot be run: ${npm.error.message}. It comes with Node.`);
  if (npm.status !== 0) fail(`npm ci failed in ${path}; its messages above say why.`);
}

/** npm notes what it installed; that note holds every version the lockfile asks for, or something is missing. */
function isInstalled(path) {
  const note = join(path, "node_modules/.package-lock.json");
  if (!existsSync(note)) return false;
  const installed = packagesIn(note);
  return Object.entries(packagesIn(join(path, "package-lock.json"))).every(
    ([name, { version, optional }]) =>
      name === "" || (installed[name] === undefined ? optional : installed[name].version === version),
  );
}

const packagesIn = (lockfile) => JSON.parse(readFileSync(lockfile, "utf8")).packages;

function fail(message) {
  console.error(message);
  process.exit(1);
}

main();
