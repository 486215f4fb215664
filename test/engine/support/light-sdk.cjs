// Preloaded into the Node processes of a deployment. At each start @pulumi/pulumi loads npm's own code and TypeScript, to serialise
// functions, which nothing here does: two thirds of its time. Both are loaded when something reads them.
const Module = require("node:module");

const load = Module._load;
const lazily = {
  "@npmcli/arborist": (real) => ({
    Arborist: function Arborist(...args) {
      return new (real().Arborist)(...args);
    },
  }),
  typescript: (real) => new Proxy({}, { get: (_, key) => real()[key], has: (_, key) => key in real() }),
};

Module._load = function (request, parent, ...others) {
  const module = () => load.call(this, request, parent, ...others);
  const isOfTheSdk = parent?.filename?.includes("/@pulumi/pulumi/") ?? false;
  return isOfTheSdk && Object.hasOwn(lazily, request) ? lazily[request](module) : module();
};
