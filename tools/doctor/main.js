// `npm run doctor` is the first command of a fresh clone. It is JavaScript, because it installs TypeScript.
const { installIfMissing } = require("../start/install.js");
const { launch } = require("../start/launch.js");

launch(installIfMissing, `${__dirname}/doctor.ts`);
