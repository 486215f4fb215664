/** Where a documented command is executed: a test file, and words of it that show the call. */
export interface Executed {
  readonly test: string;
  readonly says: string;
}

/** Why no test executes a command as it is written. */
export type Need =
  | "an AWS account"
  | "the network"
  | "a repository on GitHub"
  | "a machine of its own"
  | "an operating system's shell";

/** Executed by test/unit/executed-commands.test.ts, as they are written, in a copy of the project. */
export const executedHere: readonly { readonly command: string; readonly says: RegExp; readonly code?: number }[] = [
  { command: "npm run compare -- --stack dev --out report.html", says: /^Wrote .*report\.html/m },
  { command: "npm run compare -- --stack prod --rps 40", says: /^expected +\d+ +40 /m },
  { command: "npm run compare -- --stack prod --per-replica 20", says: /--per-replica 20\.$/m },
  { command: "npm run compare -- --stack prod --image-mb 3000", says: /image of 3,?000 MB/ },
  { command: "npm run measures", says: /^Import circles: 0$/m },
  { command: "npm run permissions -- --check", says: /^ci\/permissions\.json is up to date$/m },
  { command: "npm run permissions -- --write", says: /ci\/permissions\.json/ },
  // Without an account it finds problems.
  { command: "npm run doctor -- --stack prod", says: /^ok +stack file +Pulumi\.prod\.yaml/m, code: 1 },
  { command: "npm pkg set homepage=https://github.com/you/inference", says: /^$/ },
  { command: "cp examples/fastapi-pytorch/stack.yaml Pulumi.fastapi.yaml", says: /^$/ },
  { command: "cp examples/flask-sklearn/stack.yaml Pulumi.iris.yaml", says: /^$/ },
  { command: "cp examples/stock-image/tei/stack.yaml Pulumi.embeddings.yaml", says: /^$/ },
  { command: "cp examples/the-tutorials/resnet/stack.yaml Pulumi.resnet.yaml", says: /^$/ },
];

const tiers: Executed = { test: "test/runner/tiers.ts", says: "npm run --silent $" };
const engine = (file: string, says: string): Executed => ({ test: `test/engine/${file}.test.ts`, says });
const emulator = (file: string, says: string): Executed => ({ test: `test/emulator/${file}.test.ts`, says });
const start: Executed = { test: "test/support/started-service.ts", says: "tools/start/main.js" };
const ownContainer: Executed = { test: "test/container/start-docker.test.ts", says: "--docker" };

/** Every other documented command by its first words; the longest entry that fits counts. */
export const table: Readonly<Record<string, Executed | Need>> = {
  // The project's commands.
  "npm ci": { test: "tools/start/install.js", says: '"ci"' },
  "npm test": tiers,
  "npm start": start,
  "npm start -- --docker": ownContainer,
  "npm start -- --image": ownContainer,
  "npm start -- --build": ownContainer,
  "npm start -- --stack": start,
  "npm run test:": tiers,
  "npm run acceptance": engine("acceptance", "acceptance"),
  "npm run adopt": { test: "test/unit/tools/adopt/adopt.test.ts", says: "tools/adopt/main.ts" },
  "npm run audit": { test: "test/unit/tools/audit/audit.test.ts", says: '"audit"' },
  "npm run bench:load": "a machine of its own",
  "npm run bench:program": "a machine of its own",
  "npm run check-image": { test: "test/container/check-image.test.ts", says: "tools/check-image/main.ts" },
  "npm run compare": { test: "test/unit/executed-commands.test.ts", says: "executedHere" },
  "npm run dashboard": { test: "test/unit/tools/dashboard.test.ts", says: "tools/dashboard/main.ts" },
  "npm run docs": { test: "test/unit/components/settings/made-up-key.test.ts", says: "tools/docs/main.ts" },
  "npm run doctor": engine("doctor", "doctor"),
  "npm run load": { test: "test/unit/tools/load/command.test.ts", says: "tools/load/main.ts" },
  "npm run measure": { test: "test/unit/measured-stack.test.ts", says: "tools/measure/main.ts" },
  "npm run permissions": { test: "test/unit/executed-commands.test.ts", says: "executedHere" },
  "npm run permissions -- --explain": "an AWS account",
  "npm run plan-diff": engine("plan-diff", "plan-diff"),
  "npm run pin": "the network",
  "npm run prices": { test: "test/unit/tools/prices/refresh.test.ts", says: "tools/prices/main.ts" },
  "npm run promote": engine("promote", "promote"),
  "npm run release": engine("release", "release"),
  "npm run report": { test: "test/unit/tools/report.test.ts", says: "tools/report/main.ts" },
  "npm run restart": engine("restart", "restart"),
  "npm run review": engine("policy", "review"),
  "npm run rightsize": engine("rightsize", "rightsize"),
  "npm run test:faults": "a machine of its own",
  "npm run sbom": { test: "test/unit/tools/sbom/sbom.test.ts", says: "tools/sbom/main.ts" },
  "npm run soak": { test: "test/slow/soak.test.ts", says: "tools/soak/main.ts" },
  "npm run try": emulator("dev", '"try", "--stack"'),
  "npm --prefix app": { test: "app/test/support/server-process.ts", says: "dist" },
  "npm --prefix app test": tiers,
  "npm --prefix app run test": tiers,
  "npm --prefix modelling": { test: "tools/start/install.js", says: "modelling" },
  "npm --prefix modelling test": tiers,
  "npm --prefix modelling run test": tiers,
  "npm --prefix modelling run bench": { test: "modelling/test/slow/bench.test.ts", says: "bench" },
  "npm --prefix modelling run parity": { test: "modelling/test/parity/parity.test.ts", says: "parity" },
  "npm --prefix modelling run quantise": { test: "modelling/test/slow/quantise.test.ts", says: "quantise" },
  "npm --prefix modelling run resnet50": { test: "modelling/test/slow/resnet50.test.ts", says: "resnet50" },
  "npm --prefix modelling run tabular": { test: "modelling/test/tabular-models.test.ts", says: "tabular" },
  "npm --prefix policy run build": engine("policy", "build"),
  "npx mocha": tiers,
  "npx biome check": tiers,
  "CONFIGURATION_SEED=<seed> npx mocha": tiers,

  // Pulumi. The engine tier runs its CLI.
  "pulumi cancel": engine("interrupted", '"cancel"'),
  "pulumi config set": engine("documented-commands", "pulumi config set"),
  "pulumi destroy": engine("flip", '"destroy"'),
  "pulumi install": "the network",
  "pulumi login": engine("documented-commands", '"login"'),
  "pulumi new": engine("template", '"new"'),
  "pulumi plugin install": "the network",
  "pulumi policy analyze": engine("policy", '"analyze"'),
  "pulumi preview": engine("documented-commands", '"preview"'),
  "pulumi refresh": engine("lifetime", '"refresh"'),
  "pulumi stack": engine("documented-commands", '"stack"'),
  "pulumi up": { test: "test/engine/support/sandbox.ts", says: '"up"' },
  "pulumi -C ci up": emulator("permissions", "ci/Pulumi.ci.yaml"),

  // Commands of others.
  "$(pulumi stack output": "an AWS account",
  aws: "an AWS account",
  curl: "an AWS account",
  "curl -F file=@photos/chelsea.png": { test: "test/unit/tools/start.test.ts", says: "curl -F" },
  "git commit": "a repository on GitHub",
  "git push": "a repository on GitHub",
  "cd ci": engine("documented-commands", "--cwd"),
  "key=$(openssl rand -hex 32); printf %s": "an operating system's shell",
};

/** The entry with the most words that the command begins with. */
export function entryOf(command: string, names = Object.keys(table)): string | undefined {
  const fitting = names.filter((name) => command === name || command.startsWith(name));
  return fitting.sort((one, other) => other.length - one.length)[0];
}
