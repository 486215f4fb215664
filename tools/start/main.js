// `npm start` works in a fresh clone with Node alone. It is JavaScript, because it installs TypeScript.
const { join } = require("node:path");
const { installIfMissing } = require("./install.js");
const { launch } = require("./launch.js");

// A container of the user needs none of the packages of app/.
const isOwn = process.argv.some((word) => /^--(image|build|stack)\b/.test(word));
const withApp = (root) => installIfMissing(root) ?? installIfMissing(join(root, "app"));
launch(isOwn ? installIfMissing : withApp, `${__dirname}/start.ts`);
