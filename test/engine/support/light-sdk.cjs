// Preloaded into the Node processes of a deployment. At each start @pulumi/pulumi loads npm's own code and TypeScript, to serialise
// functions, which nothing here does, and ts-node, which loads TypeScript again to read tsconfig.json and compiles every file of the
// program: together two thirds of its time. Here npm and TypeScript are loaded when something reads them, and a file is compiled once.
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");

const load = Module._load;

/** What ts-node passes to swc for the compiler options of tsconfig.json. */
const options = {
  swcrc: false,
  sourceMaps: "inline",
  module: { type: "commonjs", noInterop: false, strictMode: true },
  jsc: { target: "es2022", keepClassNames: true, parser: { syntax: "typescript", dynamicImport: true } },
};

/** The home of Pulumi belongs to one sandbox. */
const compiledFolder = join(process.env.PULUMI_HOME ?? ".", "compiled");

function compiled(path) {
  const source = readFileSync(path, "utf8");
  const file = join(compiledFolder, `${createHash("sha256").update(`${path}\n${source}`).digest("hex")}.js`);
  if (existsSync(file)) return readFileSync(file, "utf8");
  const { code } = require("@swc/core").transformSync(source, { ...options, filename: path });
  mkdirSync(compiledFolder, { recursive: true });
  // Another process must not read half a file.
  writeFileSync(`${file}.${process.pid}`, code);
  renameSync(`${file}.${process.pid}`, file);
  return code;
}

const compiler = {
  register() {
    Module._extensions[".ts"] = (module, path) => module._compile(compiled(path), path);
  },
};

/** The two members that the SDK reads at each start; tsconfig.json is JSON without comments. */
const known = (real) => ({
  version: require("typescript/package.json").version,
  parseConfigFileTextToJson: (path, text) => {
    try {
      return { config: JSON.parse(text) };
    } catch {
      return real().parseConfigFileTextToJson(path, text);
    }
  },
});

const lazily = {
  "@npmcli/arborist": (real) => ({
    Arborist: function Arborist(...args) {
      return new (real().Arborist)(...args);
    },
  }),
  "ts-node": () => compiler,
  typescript: (real) => {
    const own = known(real);
    return new Proxy(own, { get: (_, key) => own[key] ?? real()[key], has: (_, key) => key in own || key in real() });
  },
};

Module._load = function (request, parent, ...others) {
  const module = () => load.call(this, request, parent, ...others);
  const isOfTheSdk = parent?.filename?.includes("/@pulumi/pulumi/") ?? false;
  return isOfTheSdk && Object.hasOwn(lazily, request) ? lazily[request](module) : module();
};
