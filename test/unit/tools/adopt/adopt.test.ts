import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { editsFor } from "../../../../tools/adopt/edits";
import { projectFolder, readProject } from "../../../../tools/stack/file";

const project = readProject().name;
/** Not the name of a fork that runs this test. */
const name = "fork-of-a-test";
const limitMs = 300_000;

/** Suites that read names of the project, its packages, its roles and its links. */
const suites = [
  "unit/stack",
  "unit/components/monitoring/alarms",
  "unit/components/pricing/stack-cost",
  "unit/renamed",
  "unit/renovate",
  "unit/ci/*",
  "unit/tools/permissions/*",
  "unit/docs/links",
  "unit/tools/docs",
];

describe("npm run adopt", function () {
  this.timeout(2 * limitMs);
  let copy: string;
  const read = (file: string) => readFileSync(join(copy, file), "utf8");
  const run = (command: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: "utf8", timeout: limitMs });
    return { status, output: `${stdout}${stderr}` };
  };
  const adopt = (...args: string[]) => run(process.execPath, "-r", "ts-node/register", "tools/adopt/main.ts", ...args);
  const texts = () =>
    Object.fromEntries(
      editsFor({ name, owner: "acme" }, project, ["Pulumi.dev.yaml", "Pulumi.prod.yaml"]).map(({ file }) => [
        file,
        existsSync(join(copy, file)) ? read(file) : undefined,
      ]),
    );

  before(() => {
    copy = mkdtempSync(join(tmpdir(), "adopt-"));
    cpSync(projectFolder, copy, {
      recursive: true,
      filter: (path) => !["node_modules", ".git", "dist"].includes(basename(path)),
    });
    // A fork may have these already.
    rmSync(join(copy, ".github/CODEOWNERS"), { force: true });
    const { homepage: _, repository: __, ...manifest } = JSON.parse(read("package.json"));
    writeFileSync(join(copy, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const folder of ["", "app", "modelling"].filter((one) => existsSync(join(projectFolder, one, "node_modules"))))
      symlinkSync(join(projectFolder, folder, "node_modules"), join(copy, folder, "node_modules"));
  });
  after(() => rmSync(copy, { recursive: true }));

  for (const [title, args, message] of [
    ["no name", ["--owner", "acme"], /^--name is missing\n/],
    ["no owner", ["--name", "shop"], /^--owner is missing\n/],
    ["a name that npm refuses", ["--name", "Shop", "--owner", "acme"], /^--name is Shop; expected lower-case letters/],
    ["an owner that GitHub refuses", ["--name", name, "--owner", "a/b"], /^--owner is a\/b; expected a user or an org/],
  ] as const)
    it(`refuses ${title}, and changes nothing`, () => {
      const before = texts();
      const { status, output } = adopt(...args);
      assert.equal(status, 1);
      assert.match(output, message);
      assert.deepEqual(texts(), before);
    });

  it("refuses what it cannot edit without loss, all at once, and changes nothing", () => {
    writeFileSync(join(copy, ".github/CODEOWNERS"), "* @others\n");
    const prod = read("Pulumi.prod.yaml");
    writeFileSync(join(copy, "Pulumi.prod.yaml"), `${prod}  ${project}:auth:\n    secure: AAABAC\n`);
    const before = texts();
    const { status, output } = adopt("--name", name, "--owner", "acme");
    assert.equal(status, 1);
    assert.match(
      output,
      /^Nothing was changed\. These files cannot be edited without loss:\n {2}Pulumi\.prod\.yaml: it has encrypted values/,
    );
    assert.match(output, /\n {2}\.github\/CODEOWNERS: it exists\. Put this line into it by hand: \* @acme/);
    assert.deepEqual(texts(), before);
    rmSync(join(copy, ".github/CODEOWNERS"));
    writeFileSync(join(copy, "Pulumi.prod.yaml"), prod);
  });

  it("prints what it would change with --dry-run, and changes nothing", () => {
    const before = texts();
    const { status, output } = adopt("--name", name, "--owner", "acme", "--dry-run");
    assert.equal(status, 0);
    assert.match(output, /^Would change\n {2}Pulumi\.yaml: name: fork-of-a-test\n/);
    assert.deepEqual(texts(), before);
  });

  it("sets every name, and prints each file that it changed", () => {
    // As the CLI writes one.
    const staging = join(copy, "Pulumi.staging.yaml");
    writeFileSync(staging, `config:\n  ${project}:cpu: "512"\n  aws:region: us-east-1\n`);
    const { status, output } = adopt("--name", name, "--owner", "acme");
    assert.equal(status, 0, output);
    const all = texts();
    for (const file of Object.keys(all))
      assert.ok(output.includes(`\n  ${file}: `), `${file} is missing in:\n${output}`);
    assert.match(read("Pulumi.yaml"), /^name: fork-of-a-test\n/);
    assert.equal(read("Pulumi.staging.yaml"), 'config:\n  fork-of-a-test:cpu: "512"\n  aws:region: us-east-1\n');
    rmSync(staging);
    assert.match(read("Pulumi.dev.yaml"), /^ {6}project: fork-of-a-test$/m);
    assert.match(read("Pulumi.dev.yaml"), /^# Small and cheap/);
    const manifest = JSON.parse(read("package.json"));
    assert.equal(manifest.name, name);
    assert.equal(manifest.homepage, `https://github.com/acme/${name}`);
    assert.equal(JSON.parse(read("app/package-lock.json")).packages[""].name, `${name}-server`);
    assert.equal(read(".github/CODEOWNERS"), "* @acme\n");
    assert.match(read(".github/workflows/deploy.yml"), /:role\/ci-fork-of-a-test-deploy$/m);
    assert.doesNotMatch(Object.values(all).join("\n"), new RegExp(`:role/(ci-)?${project}-`));
  });

  it("changes nothing when it runs again", () => {
    const before = texts();
    assert.deepEqual(adopt("--name", name, "--owner", "acme"), { status: 0, output: "Nothing to change\n" });
    assert.deepEqual(texts(), before);
  });

  it("corrects the name and the owner of an earlier run, and goes back", () => {
    const before = texts();
    for (const [otherName, otherOwner] of [
      [`${name}-2`, "acme"],
      [name, "acme"],
      [name, "other"],
    ] as const) {
      const { status, output } = adopt("--name", otherName, "--owner", otherOwner);
      assert.equal(status, 0, output);
      const { homepage, repository } = JSON.parse(read("package.json"));
      const home = `https://github.com/${otherOwner}/${otherName}`;
      assert.deepEqual([homepage, repository.url], [home, `git+${home}.git`]);
      assert.equal(read(".github/CODEOWNERS"), `* @${otherOwner}\n`);
    }
    assert.equal(adopt("--name", name, "--owner", "acme").status, 0);
    assert.deepEqual(texts(), before);
  });

  it("leaves the types, and the suites that read names, green", () => {
    const types = run(process.execPath, "node_modules/typescript/bin/tsc", "-p", "tsconfig.check.json", "--noEmit");
    assert.equal(types.status, 0, types.output);
    const files = suites.flatMap((suite) => filesOf(copy, suite));
    assert.ok(files.length > suites.length);
    const { status, output } = run(process.execPath, "node_modules/mocha/bin/mocha.js", "--reporter", "dot", ...files);
    assert.equal(status, 0, output);
  });
});

/** `unit/ci/*` and `unit/stack` -> paths of test files. */
function filesOf(folder: string, suite: string): string[] {
  if (!suite.endsWith("/*")) return [`test/${suite}.test.ts`];
  const inside = `test/${suite.slice(0, -2)}`;
  return readdirSync(join(folder, inside))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `${inside}/${file}`);
}
