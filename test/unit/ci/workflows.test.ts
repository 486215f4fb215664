import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootName } from "../../../components/core/short-name";
import { projectFolder, readProject } from "../../../tools/stack/file";
import { skippedSuite } from "../../support/skipped-suite";
import { readWorkflow, workflowFolder } from "../../support/workflow";

const files = readdirSync(workflowFolder).filter((file) => file.endsWith(".yml"));
const sourceOf = (file: string) => readFileSync(join(workflowFolder, file), "utf8");

describe(".github/workflows", () => {
  for (const file of files) {
    const { permissions, jobs } = readWorkflow(file);

    it(`${file} pins every action by commit, with its release beside it`, () => {
      const used = [...sourceOf(file).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, text = ""]) => text);
      assert.ok(used.length > 0);
      for (const text of used) assert.match(text, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it(`${file} has one commit for each action in all workflows`, () => {
      const all = files.flatMap((each) => [...sourceOf(each).matchAll(/uses: ([\w/-]+)@(\S+)/g)]);
      for (const [, action, commit] of sourceOf(file).matchAll(/uses: ([\w/-]+)@(\S+)/g))
        for (const [, other, otherCommit] of all) if (other === action) assert.equal(otherCommit, commit, action);
    });

    it(`${file} may read the repository by default, and each job names what else it needs`, () => {
      assert.deepEqual(permissions, { contents: "read" });
      for (const [name, job] of Object.entries(jobs))
        for (const [scope, access] of Object.entries(job.permissions ?? {}))
          assert.ok(
            ["contents read", "contents write", "id-token write", "pull-requests write"].includes(`${scope} ${access}`),
            `${name}: ${scope}: ${access}`,
          );
    });

    it(`${file} stores no AWS key`, () =>
      assert.doesNotMatch(sourceOf(file), /AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|aws-access-key-id/));
  }

  it("updates of one stack never run beside each other, and none is cancelled", () => {
    const { jobs } = readWorkflow("deploy.yml");
    for (const stack of ["dev", "prod"]) {
      const { concurrency, environment } = jobs[stack] ?? {};
      assert.deepEqual(concurrency, { group: `stack-${stack}`, "cancel-in-progress": false });
      assert.equal(environment, stack);
    }
    assert.equal(jobs.prod?.needs, "dev");
  });

  it("assumes roles that ci/ creates, within the longest session of the role", () => {
    const steps = Object.values({ ...readWorkflow("deploy.yml").jobs, ...readWorkflow("preview.yml").jobs }).flatMap(
      (job) => job.steps,
    );
    const signIns = steps.filter(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"));
    assert.equal(signIns.length, 3);
    for (const { with: inputs = {} } of signIns) {
      assert.match(
        String(inputs["role-to-assume"]),
        new RegExp(`:role/ci-${rootName(readProject().name)}-(preview|deploy)$`),
      );
      if (inputs["role-duration-seconds"]) assert.equal(inputs["role-duration-seconds"], 7200);
    }
  });

  it("previews no pull request of a fork, whose code nobody has read", () =>
    assert.match(String(readWorkflow("preview.yml").jobs.preview?.if), /head\.repo\.full_name == github\.repository/));

  it("Jenkinsfile runs the steps of the workflows", () => {
    const jenkins = readFileSync(join(projectFolder, "Jenkinsfile"), "utf8");
    const runs = ["preview.yml", "deploy.yml"]
      .flatMap((file) => Object.values(readWorkflow(file).jobs))
      .concat(readWorkflow("test.yml").jobs["plan-diff"] ?? [])
      .flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    for (const run of runs) {
      const [command = ""] =
        run.match(
          /(?:npm ci [^"]*|npm run --silent [\w-]+|ci\/steps\/\w+ \w+(?: prod)?|pulumi stack output imageDigest --stack \w+)/,
        ) ?? [];
      assert.ok(command !== "" && jenkins.includes(command), run);
    }
    for (const stack of ["dev", "prod"]) assert.ok(jenkins.includes(`lock('stack-${stack}')`));
  });

  it("every step script can be executed", () => {
    for (const file of readdirSync(join(projectFolder, "ci/steps")))
      accessSync(join(projectFolder, "ci/steps", file), constants.X_OK);
  });
});

const version = spawnSync("actionlint", ["-version"], { encoding: "utf8", timeout: 10_000 });
const lint = () => {
  it("accepts every workflow", () => {
    const { status, stdout } = spawnSync("actionlint", ["-no-color"], {
      cwd: projectFolder,
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(status, 0, stdout);
  });
};
if (version.status === 0) describe("actionlint", lint);
else
  skippedSuite(
    "actionlint",
    "no actionlint on PATH: go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12",
    lint,
  );
