// `npm start` works in a fresh clone with Node alone. It is JavaScript, because it installs TypeScript.
const { join } = require("node:path");
const { installAll, installIfMissing } = require("./install.js");

const root = join(__dirname, "../..");
const oldestNodeMajor = 20;

function main() {
  if (Number(process.versions.node.split(".")[0]) < oldestNodeMajor) {
    return `Node is ${process.version}; expected v${oldestNodeMajor} or later. Install it from https://nodejs.org.`;
  }
  // A container of the user needs none of the packages of app/.
  const isOwn = process.argv.some((word) => /^--(image|build|stack)\b/.test(word));
  const obstacle = isOwn ? installIfMissing(root) : installAll(root);
  if (obstacle !== undefined) return obstacle;
  process.chdir(root);
  require("ts-node/register");
  require("./start.ts");
  return undefined;
}

const obstacle = main();
if (obstacle !== undefined) {
  console.error(obstacle);
  process.exitCode = 1;
}
