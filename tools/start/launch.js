const { join } = require("node:path");

const root = join(__dirname, "../..");
const oldestNodeMajor = 20;

/** Runs a TypeScript command in a fresh clone with Node alone: installs packages first. Exit code 1 with the reason when it cannot. */
function launch(install, command) {
  const obstacle = nodeObstacle() ?? install(root);
  if (obstacle !== undefined) {
    console.error(obstacle);
    process.exitCode = 1;
    return;
  }
  process.chdir(root);
  require("ts-node/register");
  require(command);
}

function nodeObstacle() {
  if (Number(process.versions.node.split(".")[0]) >= oldestNodeMajor) return undefined;
  return `Node is ${process.version}; expected v${oldestNodeMajor} or later. Install it from https://nodejs.org.`;
}

module.exports = { launch };
