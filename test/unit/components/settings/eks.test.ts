import assert from "node:assert/strict";
import { parseSettings } from "../../../../components/settings";
import { limitProblems } from "../../../../components/settings/model";
import { evaluateStack } from "../../../../tools/offline";
import { problemsOf, settingsOf } from "../../support/settings";

const kubeconfig = '{"clusters":[{"cluster":{"server":"https://127.0.0.1"}}],"contexts":[],"users":[]}';
const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const onTeam = (cluster: Readonly<Record<string, unknown>>) => ({ target: "eks", network, eks: { cluster } });
const told = (own: Readonly<Record<string, unknown>>) => problemsOf(own).map(({ key, expected }) => [key, expected]);

describe("parseSettings: eks", () => {
  it("accepts AMX for x86_64 only", () => {
    assert.equal(settingsOf({ target: "eks", eks: { endpointCidrs: ["203.0.113.0/24"], cpu: "amx" } }).eks.cpu, "amx");
    const own = { target: "eks", architecture: "arm64", eks: { endpointCidrs: ["203.0.113.0/24"], cpu: "amx" } };
    assert.deepEqual(told(own), [["eks.cpu", "any with architecture arm64: only Intel's CPUs have AMX"]]);
    assert.deepEqual(told({ ...own, target: "ecs" }), []);
  });

  it("has no existing cluster by default", () => assert.equal("cluster" in settingsOf().eks, false));

  it("accepts an existing cluster, with controller auto by default", () => {
    const { cluster } = settingsOf(onTeam({ name: "team", kubeconfig })).eks;
    assert.deepEqual(cluster, { name: "team", kubeconfig, controller: "auto" });
    const lbc = settingsOf(onTeam({ name: "team", kubeconfig, controller: "lbc" })).eks;
    assert.equal(lbc.cluster?.controller, "lbc");
  });

  it("checks no version and no endpoint of an existing cluster", () =>
    assert.deepEqual(
      told({
        ...onTeam({ name: "team", kubeconfig }),
        eks: { version: "1.20", cluster: { name: "team", kubeconfig } },
      }),
      [],
    ));

  it("notes which keys do not apply to an existing cluster", () => {
    const note =
      "the program does not change the existing cluster, so spot, insights and the keys of eks except cluster and rollback do not apply";
    assert.deepEqual(settingsOf(onTeam({ name: "team", kubeconfig })).notes, [note]);
    assert.deepEqual(settingsOf({ ...onTeam({ name: "team", kubeconfig }), target: "ecs" }).notes, []);
  });

  it("warns that an existing cluster may enforce no network policy", () => {
    const warning =
      "egress: the existing cluster closes the other outgoing connections only if its network plugin enforces network policies";
    assert.ok(settingsOf(onTeam({ name: "team", kubeconfig })).warnings.includes(warning));
    assert.ok(!settingsOf({ target: "eks" }).warnings.includes(warning));
  });

  it("refuses a cluster without name or kubeconfig, or with an unknown controller", () => {
    assert.deepEqual(told(onTeam({ name: "a cluster", kubeconfig: "hunter2", controller: "nginx" })), [
      ["eks.cluster.name", "the name of an EKS cluster"],
      ["eks.cluster.kubeconfig", "a kubeconfig: pulumi config set --secret --path eks.cluster.kubeconfig"],
      ["eks.cluster.controller", "one of auto, lbc"],
    ]);
    assert.deepEqual(
      told(onTeam({})).map(([key]) => key),
      ["eks.cluster.name", "eks.cluster.kubeconfig"],
    );
  });

  it("never shows the value of a kubeconfig or a secret", () => {
    const wrong = { ...onTeam({ name: "team", kubeconfig: "hunter2" }), secrets: { KEY: "hunter2", "1": "hunter2" } };
    const problems = problemsOf(wrong);
    assert.deepEqual(
      problems.map(({ key }) => key),
      ["eks.cluster.kubeconfig", "secrets.1", "secrets.KEY"],
    );
    assert.doesNotMatch(JSON.stringify([problems, problemsOf({ secrets: "hunter2" })]), /hunter2/);
  });

  it("requires the VPC of an existing cluster", () =>
    assert.deepEqual(told({ target: "eks", eks: { cluster: { name: "team", kubeconfig } } }), [
      ["network", "the vpcId and the subnets of the cluster that eks.cluster names"],
    ]));

  it("refuses a network block that overlaps with the services of a new cluster", () => {
    const overlapping = { network: { cidr: "172.20.0.0/16" } };
    assert.deepEqual(told({ target: "eks", ...overlapping }), [
      [
        "network.cidr",
        "a block that does not overlap with 172.20.0.0/16, the addresses of services inside the cluster",
      ],
    ]);
    assert.deepEqual(told({ target: "ecs", ...overlapping }), []);
  });

  it("accepts any version, which preflight checks with EKS", () => {
    for (const version of ["1.20", "1.99"])
      assert.deepEqual(told({ target: "eks", eks: { version, endpoint: "private" } }), []);
  });

  it("refuses private addresses for the public endpoint", () => {
    const endpointCidrs = ["0.0.0.0/0", "10.0.0.0/8", "172.20.1.0/24", "172.32.0.0/16"];
    const expected = "a block of public addresses: private ones reach the cluster through its private endpoint";
    assert.deepEqual(problemsOf({ target: "eks", eks: { endpointCidrs } }), [
      { key: "eks.endpointCidrs[1]", value: "10.0.0.0/8", expected },
      { key: "eks.endpointCidrs[2]", value: "172.20.1.0/24", expected },
    ]);
  });

  it("notes what has another meaning on EKS", () => {
    const notesOf = (own: Readonly<Record<string, unknown>>) =>
      settingsOf({ target: "eks", ...own }).notes.map((note) => note.split(":")[0]);
    assert.deepEqual(notesOf({}), []);
    assert.deepEqual(notesOf({ spot: { onDemandBase: 1, onDemandWeight: 0, spotWeight: 1 } }), ["spot"]);
    assert.deepEqual(notesOf({ spot: { onDemandBase: 0, onDemandWeight: 0, spotWeight: 1 } }), []);
    assert.deepEqual(notesOf({ internal: true }), []);
    assert.deepEqual(settingsOf({ target: "eks", internal: true }).warnings, [
      "internal: on EKS every address of the private subnets may reach the pods, because the load balancer is one of them",
    ]);
    assert.deepEqual(settingsOf({ target: "ecs", internal: true }).warnings, []);
    assert.deepEqual(notesOf({ "aws:region": "mx-central-1" }), [
      "EKS Auto Mode was not offered in mx-central-1 in the AWS documentation of 2026-11",
    ]);
  });

  it("refuses a secret of another region, which pods cannot read, but accepts it on ECS", () => {
    const elsewhere = {
      apiKeys: "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys-AbCdEf",
      internal: true,
    };
    const secrets = {
      KEY: "arn:aws:ssm:us-east-1:123456789012:parameter/key",
      NEAR: "arn:aws:ssm:eu-west-1:123456789012:parameter/key",
    };
    const expected =
      "a secret in eu-west-1, because pods on EKS read no other region: copy it with `aws secretsmanager replicate-secret-to-regions`";
    assert.deepEqual(problemsOf({ target: "both", ...elsewhere, secrets }), [
      { key: "secrets.KEY", value: "an arn in us-east-1", expected },
      { key: "apiKeys", value: "an arn in us-east-1", expected },
    ]);
    assert.deepEqual(problemsOf({ target: "ecs", ...elsewhere, secrets }), []);
  });

  it("requires endpointCidrs for a public endpoint", () => {
    assert.equal(told({ target: "eks", eks: {} })[0]?.[0], "eks.endpointCidrs");
    assert.deepEqual(told({ target: "eks", eks: { endpoint: "private" } }), []);
  });

  for (const stack of ["x".repeat(100), "a.b"]) {
    it(`names the cluster of stack ${stack.slice(0, 12)} as EKS requires`, () => {
      const config = { "aws:region": "eu-west-1", "inference:ingressCidrs": ["0.0.0.0/0"] };
      const parsed = parseSettings(config, { project: "inference", stack });
      assert.ok("settings" in parsed);
      assert.match(parsed.settings.clusterName, /^inference-[A-Za-z0-9_-]{1,53}$/);
    });
  }

  it("may be encrypted, because of the kubeconfig", async () => {
    process.env.PULUMI_CONFIG_SECRET_KEYS = '["inference:eks"]';
    try {
      const plan = await evaluateStack("dev");
      assert.equal(plan.outputs.target, "ecs");
    } finally {
      delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    }
  });
});

describe("limitProblems", () => {
  const models = (count: number, each: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: `m${index}`,
      variants: Array.from({ length: each }, (_, v) => ({ name: `v${v}`, target: "ecs" as const, weight: 0 })),
    }));

  const openToAll = { auth: {} };

  it("allows 100 rules: a header rule for each variant, one for each model, and one that hides paths", () => {
    assert.deepEqual(limitProblems(models(33, 2), openToAll), []);
    assert.deepEqual(limitProblems(models(34, 2), openToAll), [
      { key: "variants", value: 103, expected: "at most 100 listener rules behind one load balancer; split the stack" },
    ]);
  });

  it("counts the rule that leaves /health open with auth", () => {
    const full = [...models(33, 2).slice(0, 32), ...models(1, 2)];
    assert.deepEqual(limitProblems(full, openToAll), [], "32 × 3 + 3 + 1 is 100");
    const asking = { auth: { jwt: { issuer: "", jwksUri: "", claims: {} } } };
    assert.deepEqual(
      limitProblems(full, asking).map(({ value }) => value),
      [101],
    );
  });

  it("allows 100 target groups, one for each variant", () =>
    assert.deepEqual(
      limitProblems(models(21, 5), openToAll).map(({ value, expected }) => [value, expected]),
      [
        [105, "at most 100 target groups behind one load balancer; split the stack"],
        [127, "at most 100 listener rules behind one load balancer; split the stack"],
      ],
    ));
});
