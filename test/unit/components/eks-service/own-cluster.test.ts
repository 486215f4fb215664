import assert from "node:assert/strict";
import type { Problem } from "../../../../components/core/problems";
import { ownClusterProblems } from "../../../../components/eks-service/preflight/own-cluster";
import type { Running } from "../../../../components/preflight/running";
import { type Cloud, offlineCloud } from "../../../../tools/offline/cloud";
import { deployed } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const offered = (clusterVersion: string, versionStatus: string) => ({ clusterVersion, versionStatus });
const versions = [
  offered("1.36", "STANDARD_SUPPORT"),
  offered("1.35", "STANDARD_SUPPORT"),
  offered("1.34", "EXTENDED_SUPPORT"),
  offered("1.33", "UNSUPPORTED"),
];

const own = { name: "inference-test", subnetIds: ["subnet-0000000c", "subnet-0000000d"] };

interface Account {
  /** The Kubernetes version of the stack's cluster, where there is one. */
  readonly runs?: string;
  /** What the stack's state says, where that is not what the account has. */
  readonly state?: Running;
  readonly callerArn?: string;
  readonly lists?: () => Record<string, unknown>;
}

function cloudOf({ runs, callerArn, lists = () => ({ clusterVersions: versions }) }: Account): Cloud {
  const offline = offlineCloud("eu-west-1");
  const answers: Readonly<Record<string, () => Record<string, unknown>>> = {
    "aws:eks/getClusters:getClusters": () => ({ names: runs ? ["inference-test"] : ["another"] }),
    "aws:eks/getCluster:getCluster": () => ({ name: "inference-test", version: runs }),
    "aws:eks/getClusterVersions:getClusterVersions": lists,
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({ arn: callerArn }),
  };
  return { ...offline, call: (args) => (answers[args.token] ?? (() => offline.call(args)))() };
}

async function checked(eks: Readonly<Record<string, unknown>>, account: Account = {}) {
  let problems: readonly Problem[] = [];
  const settings = settingsOf({ target: "eks", eks: { endpoint: "private", ...eks } });
  const { state = { isKnown: true, ...(account.runs && { cluster: own }) } } = account;
  const plan = await deployed(async () => {
    problems = await ownClusterProblems(settings, state, {});
  }, cloudOf(account));
  return { problems, warnings: plan.said("warning") };
}

describe("ownClusterProblems: Kubernetes version", () => {
  it("must be one that EKS offers when the cluster is created", async () => {
    for (const [version, support, fit] of [
      ["1.20", "STANDARD", "1.35, 1.36"],
      ["1.34", "STANDARD", "1.35, 1.36"],
      ["1.33", "EXTENDED", "1.34, 1.35, 1.36"],
      ["1.99", "EXTENDED", "1.34, 1.35, 1.36"],
    ] as const) {
      const expected = `a version that EKS offers in ${support.toLowerCase()} support: ${fit}`;
      assert.deepEqual((await checked({ version, support })).problems, [
        { key: "eks.version", value: version, expected },
      ]);
    }
    assert.deepEqual((await checked({ version: "1.36" })).problems, []);
    assert.deepEqual((await checked({ version: "1.34", support: "EXTENDED" })).problems, []);
  });

  it("is a warning on a cluster that runs, whatever the day: traffic must be able to move", async () => {
    const { problems, warnings } = await checked({ version: "1.33" }, { runs: "1.33" });
    assert.deepEqual(problems, []);
    assert.match(warnings.join(), /eks\.version is 1\.33, whose standard support has ended/);
    assert.deepEqual((await checked({ version: "1.35" }, { runs: "1.35" })).warnings, []);
  });

  it("can rise by one minor version at a time", async () => {
    const expected = "1.35: the cluster runs 1.34, and EKS upgrades one minor version at a time";
    assert.deepEqual((await checked({ version: "1.36" }, { runs: "1.34" })).problems, [
      { key: "eks.version", value: "1.36", expected },
    ]);
    assert.deepEqual((await checked({ version: "1.35" }, { runs: "1.34" })).problems, []);
  });

  it("is a warning below what the cluster runs, since AWS upgrades a cluster by itself", async () => {
    const { problems, warnings } = await checked({ version: "1.33" }, { runs: "1.34" });
    assert.deepEqual(problems, []);
    assert.equal(warnings.length, 1);
    assert.match(warnings.join(), /eks\.version is 1\.33, but the cluster runs 1\.34.*Set eks\.version to 1\.34/);
  });

  it("is not checked when EKS does not list its versions", async () => {
    const lists = () => {
      // As an answer of the engine's: the SDK reads the details of an error.
      throw Object.assign(new Error(), { details: "AccessDeniedException" });
    };
    const { problems, warnings } = await checked({ version: "1.99" }, { lists });
    assert.deepEqual(problems, []);
    assert.match(warnings.join(), /eks\.version is not checked: .*AccessDeniedException/);
  });
});

describe("ownClusterProblems: cluster name", () => {
  const runs = "1.35";

  it("must not be that of a cluster outside the stack's state: EKS refuses it after the network is created", async () => {
    for (const state of [{ isKnown: true }, { isKnown: true, cluster: { ...own, name: "inference-earlier" } }]) {
      const { problems } = await checked({}, { runs, state });
      assert.deepEqual(
        problems.map(({ key, value }) => ({ key, value })),
        [{ key: "EKS cluster name", value: "inference-test" }],
      );
      assert.match(
        problems[0]?.expected ?? "",
        /interrupted pulumi up .* another stack .*aws eks describe-cluster --name inference-test .*docs\/operations\.md/,
      );
    }
  });

  it("may be that of the stack's cluster, a new one, or any while the state is unknown", async () => {
    assert.deepEqual((await checked({}, { runs })).problems, []);
    assert.deepEqual((await checked({}, { state: { isKnown: true } })).problems, []);
    assert.deepEqual((await checked({}, { state: { isKnown: true, cluster: own } })).problems, []);
    assert.deepEqual((await checked({}, { runs, state: { isKnown: false } })).problems, []);
  });
});

describe("eks.deployerArns", () => {
  const role = "arn:aws:iam::123456789012:role/ci/deploy";
  const others = ["arn:aws:iam::123456789012:role/ci-deploy", "arn:aws:iam::999999999999:role/ci/deploy"];
  const callerArn = "arn:aws:sts::123456789012:assumed-role/deploy/run-1";
  const expected = "other roles and users than your own: EKS makes the creator of a cluster its administrator";

  it("refuses the creator of the cluster: EKS does so only after the cluster is created", async () => {
    assert.deepEqual((await checked({ deployerArns: [...others, role] }, { callerArn })).problems, [
      { key: "eks.deployerArns[2]", value: role, expected },
    ]);
    const user = "arn:aws:iam::123456789012:user/ann";
    assert.equal((await checked({ deployerArns: [user] }, { callerArn: user })).problems.length, 1);
    assert.deepEqual((await checked({ deployerArns: others }, { callerArn })).problems, []);
  });

  it("accepts the deployer if another identity created the cluster", async () =>
    assert.deepEqual((await checked({ deployerArns: [role] }, { callerArn, runs: "1.35" })).problems, []));
});
