import assert from "node:assert/strict";
import { runPreflight } from "../../../../components/preflight";
import { type ClusterServer, startCluster } from "../../support/cluster-server";
import { declared } from "../../support/mock-cloud";
import { type Answers, answering, cluster, failing, nobody, onTeam, told } from "../../support/preflight";
import { settingsOf } from "../../support/settings";

describe("Preflight of an existing EKS cluster", () => {
  let team: ClusterServer;
  before(async () => {
    team = await startCluster(() => ({ body: {} }));
  });
  after(() => team.close());

  it("is in the configured VPC", async () => {
    assert.equal(
      await told(onTeam("auto", team), cluster("vpc-99999999", true)),
      '1 problem\n  network.vpcId is "vpc-0123abcd"; expected vpc-99999999, the VPC of the cluster team',
    );
    assert.equal(await told(onTeam("auto", team), cluster("vpc-0123abcd", true)), undefined);
  });

  it("exists", async () => {
    const none = failing("reading EKS Cluster (team): couldn't find resource");
    assert.equal(
      await told(onTeam("auto", team), { "aws:eks/getCluster:getCluster": none }),
      '1 problem\n  eks.cluster.name is "team"; expected a cluster that exists in eu-west-1',
    );
  });

  it("has the configured controller", async () => {
    assert.equal(
      await told(onTeam("auto", team), cluster("vpc-0123abcd", false)),
      '1 problem\n  eks.cluster.controller is "auto"; expected lbc: the cluster team is not in Auto Mode and needs the AWS Load Balancer Controller',
    );
    assert.equal(await told(onTeam("lbc", team), cluster("vpc-0123abcd", false)), undefined);
  });

  it("has pods that the load balancer reaches", async () => {
    const expected = "a cluster of the IP family ipv4: the load balancer reaches replicas over IPv4";
    const refused = `1 problem\n  eks.cluster.name is "team"; expected ${expected}`;
    assert.equal(await told(onTeam("lbc", team), cluster("vpc-0123abcd", false, "ipv6")), refused);
  });

  describe("without the load balancer controller", () => {
    let bare: ClusterServer;
    let asked = 0;
    before(async () => {
      bare = await startCluster(() => {
        asked++;
        return { status: 404, body: {} };
      });
    });
    after(() => bare.close());

    const toldOf = (state: Answers) => told(onTeam("lbc", bare), { ...cluster("vpc-0123abcd", false), ...state });
    const stateOf = (...types: string[]): Answers => ({
      "pulumi:pulumi:readStackResourceOutputs": () => ({
        outputs: Object.fromEntries(types.map((type) => [type, { type, outputs: { vpcConfig: { subnetIds: [] } } }])),
      }),
    });
    const namespace = "kubernetes:core/v1:Namespace";

    it("is refused for a stack without pods, also for one whose pods are in a cluster of its own", async () => {
      for (const state of [stateOf(), stateOf(namespace, "aws:eks/cluster:Cluster")])
        assert.match(
          (await toldOf(state)) ?? "",
          /^1 problem\n {2}eks\.cluster\.name is "team"; expected a cluster with the AWS/,
        );
    });

    it("is not refused for a stack that has pods there, or may have", async () => {
      assert.equal(await toldOf(stateOf(namespace)), undefined);
      assert.equal(await toldOf({ "pulumi:pulumi:readStackResourceOutputs": failing("no state") }), undefined);
    });

    it("is not asked in a preview", async () => {
      asked = 0;
      const settings = settingsOf(onTeam("lbc", bare));
      await declared(
        () => runPreflight(settings, nobody),
        answering({ ...cluster("vpc-0123abcd", false), ...stateOf() }),
      );
      assert.equal(asked, 0);
    });
  });
});
