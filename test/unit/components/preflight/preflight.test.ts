import assert from "node:assert/strict";
import { type FoundInAccount, runPreflight } from "../../../../components/preflight";
import { evaluateStack } from "../../../../tools/offline";
import { type Cloud, offlineCloud } from "../../../../tools/offline/cloud";
import { type ClusterServer, startCluster } from "../../support/cluster-server";
import { deployed } from "../../support/mock-cloud";
import { type Answers, answering, cluster, failing, network, nobody, onTeam, told } from "../../support/preflight";
import { settingsOf } from "../../support/settings";

const zones = (zoneIdByName: Readonly<Record<string, string>>) => ({
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
    names: Object.keys(zoneIdByName),
    zoneIds: Object.values(zoneIdByName),
  }),
});
const zonesOf = (region: string, ...letters: string[]) =>
  zones(Object.fromEntries(letters.map((letter) => [`${region}${letter}`, `zone-of-${letter}`])));
/** A state with a load balancer, and maybe a VPC of the stack's own. */
const runs = (vpcId: string, own?: Record<string, unknown>) => ({
  "pulumi:pulumi:readStackResourceOutputs": () => ({
    outputs: {
      balancer: { type: "aws:lb/loadBalancer:LoadBalancer", outputs: { vpcId } },
      ...(own && { vpc: { type: "aws:ec2/vpc:Vpc", outputs: own } }),
    },
  }),
});
const ofEurope = (...letters: string[]) => zonesOf("eu-west-1", ...letters);
const vpc = (...cidrBlocks: string[]) => ({
  "aws:ec2/getVpc:getVpc": () => ({
    cidrBlock: cidrBlocks[0],
    cidrBlockAssociations: cidrBlocks.map((cidrBlock) => ({ cidrBlock })),
  }),
});

/** The given subnets, and what some of them have in place of what fits. */
function withSubnets(others: Readonly<Record<string, Record<string, unknown> | Error>>): Answers {
  const token = "aws:ec2/getSubnet:getSubnet";
  return {
    [token]: (inputs) => {
      const other = others[String(inputs.id)];
      if (other instanceof Error) throw other;
      return { ...offlineCloud("eu-west-1", { network }).call({ token, inputs, provider: "" }), ...other };
    },
  };
}

describe("Preflight", () => {
  let team: ClusterServer;
  before(async () => {
    team = await startCluster(() => ({ body: {} }));
  });
  after(() => team.close());

  it("checks the cluster only if a variant runs on EKS", async () => {
    const versions = [{ clusterVersion: "1.35", versionStatus: "STANDARD_SUPPORT" }];
    const answers = {
      "aws:eks/getClusters:getClusters": () => ({ names: [] }),
      "aws:eks/getClusterVersions:getClusterVersions": () => ({ clusterVersions: versions }),
    };
    const own = { eks: { endpoint: "private", version: "1.20" } };
    const refused = '1 problem\n  eks.version is "1.20"; expected a version that EKS offers in standard support: 1.35';
    for (const target of ["eks", "both"]) assert.equal(await told({ ...own, target }, answers), refused);
    assert.equal(await told({ ...own, target: "ecs" }, answers), undefined);
  });

  it("checks that an existing ECS cluster is active and has the capacity providers that the tasks use", async () => {
    const own = { ecs: { cluster: "models" }, spot: { onDemandWeight: 0, spotWeight: 1 } };
    const answer = (status: string) => ({
      "aws:ecs/getCluster:getCluster": () => ({ arn: "arn", status, settings: [] }),
    });
    const refused = (expected: string) => `1 problem\n  ecs.cluster is "models"; expected ${expected}`;
    assert.equal(await told(own), undefined);
    assert.equal(await told(own, answer("PROVISIONING")), refused("an ACTIVE cluster; this one is PROVISIONING"));
    const deleted = failing("reading ECS Cluster (models): INACTIVE");
    const absent = refused("an ECS cluster that exists in eu-west-1");
    assert.equal(await told(own, { "aws:ecs/getCluster:getCluster": deleted }), absent);
  });

  it("checks the number of zones of a new network", async () => {
    const own = { network: { zones: 3 } };
    assert.equal(
      await told(own, ofEurope("a", "b")),
      "1 problem\n  network.zones is 3; expected at most 2, as many as eu-west-1 has for tasks and a cluster",
    );
    assert.equal(await told(own, ofEurope("a", "b", "c")), undefined);
    assert.equal(await told({ network }, ofEurope()), undefined);
  });

  it("chooses zones by name, without Local Zones and zones without EKS or Fargate", async () => {
    const cloud = zones({
      "us-east-1-bos-1a": "use1-bos1-az1",
      "us-east-1-wl1-bos-wlz-1": "use1-wl1-bos-wlz1",
      "us-east-1d": "use1-az5",
      "us-east-1a": "use1-az3",
      "us-east-1c": "use1-az2",
      "us-east-1b": "use1-az1",
    });
    let found: FoundInAccount | undefined;
    await deployed(async () => {
      const asked = { ...settingsOf({ network: { zones: 3 } }), region: "us-east-1" };
      found = await runPreflight(asked, nobody);
    }, answering(cloud));
    assert.deepEqual(found?.zones, ["us-east-1b", "us-east-1c", "us-east-1d"]);
  });

  it("checks the sign-in to a new cluster before it is created", async () => {
    const connection = { ...nobody, assumeRoles: [{ roleArn: "arn:aws:iam::123456789012:role/hub", externalId: "x" }] };
    const held = (own: Readonly<Record<string, unknown>>) =>
      deployed(() => runPreflight(settingsOf(own), connection), answering(ofEurope("a", "b")));
    await assert.rejects(
      held({ target: "eks" }),
      /1 problem found in the AWS account\n {2}aws:assumeRoles is .*; expected one role without externalId/,
    );
    await held({ target: "ecs" });
  });

  it("checks that an existing VPC does not overlap with the services of a new cluster", async () => {
    const own = { target: "eks", network };
    assert.equal(
      await told(own, vpc("10.0.0.0/16", "172.20.64.0/18")),
      '1 problem\n  network.vpcId is "vpc-0123abcd"; expected a VPC without addresses in 172.20.0.0/16, which services inside the cluster use; it has 172.20.64.0/18',
    );
    assert.equal(await told(own, vpc("10.0.0.0/16")), undefined);
    assert.equal(await told({ network }, vpc("172.20.0.0/16")), undefined, "no cluster, no services");
  });

  it("checks that existing public subnets have IPv6 with dualstack", async () => {
    const subnet = (ipv6CidrBlock: string) =>
      Object.fromEntries(["a", "b", "c", "d"].map((last) => [`subnet-0000000${last}`, { ipv6CidrBlock }]));
    const own = { network, dualstack: true, ingressCidrs: ["::/0"] };
    assert.match(
      (await told(own, withSubnets(subnet("")))) ?? "",
      /^2 problems\n {2}network\.publicSubnetIds\[0\] is "subnet-0000000a"; expected a subnet with an IPv6 block /,
    );
    assert.equal(await told(own), undefined);
    assert.equal(await told({ network }, withSubnets(subnet(""))), undefined);
  });

  it("checks that existing subnets are in the configured VPC", async () => {
    assert.equal(
      await told(
        { network },
        withSubnets({
          "subnet-0000000b": { vpcId: "vpc-99999999" },
          "subnet-0000000d": Object.assign(new Error(), { details: "InvalidSubnetID.NotFound: no such subnet" }),
        }),
      ),
      "2 problems\n" +
        '  network.privateSubnetIds[1] is "subnet-0000000d"; expected a subnet that exists in eu-west-1\n' +
        '  network.publicSubnetIds[1] is "subnet-0000000b"; expected a subnet of vpc-0123abcd; this one is in vpc-99999999',
    );
  });

  it("checks that the load balancer has one subnet in each zone of the replicas", async () => {
    const inOneZone = { "subnet-0000000b": { availabilityZone: "eu-west-1a" } };
    assert.equal(
      await told({ network }, withSubnets(inOneZone)),
      "2 problems\n" +
        '  network.publicSubnetIds[1] is "subnet-0000000b"; expected one subnet for each zone: subnet-0000000a is in eu-west-1a as well\n' +
        '  network.privateSubnetIds[1] is "subnet-0000000d"; expected a subnet in a zone of the load balancer (eu-west-1a); this one is in eu-west-1b',
    );
    assert.equal(
      await told({ network, internal: true }, withSubnets(inOneZone)),
      undefined,
      "it stands in the private ones",
    );
  });

  it("checks free addresses for a new load balancer, not for a running one", async () => {
    const full = withSubnets({ "subnet-0000000a": { availableIpAddressCount: 7 } });
    assert.match(
      (await told({ network }, full)) ?? "",
      /^1 problem\n {2}network\.publicSubnetIds\[0\] is .*; expected a subnet with at least 8 free addresses .* has 7$/,
    );
    assert.equal(await told({ network }, { ...full, ...runs("vpc-0123abcd") }), undefined);
  });

  it("refuses to move a running stack to another VPC", async () => {
    assert.match(
      (await told({ network }, runs("vpc-99999999"))) ?? "",
      /network\.vpcId is "vpc-0123abcd"; expected vpc-99999999, /,
    );
    assert.match((await told({}, runs("vpc-99999999"))) ?? "", /network\.vpcId is missing; expected vpc-99999999, /);
    const own = runs("vpc-99999999", {
      arn: "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-99999999",
      cidrBlock: "10.0.0.0/16",
    });
    assert.equal(await told({}, own), undefined);
    assert.match(
      (await told({ network: { cidr: "10.1.0.0/16" } }, own)) ?? "",
      /network\.cidr is .*; expected 10\.0\.0\.0\/16, /,
    );
    assert.match(
      (await told({ network }, own)) ?? "",
      /network\.vpcId is "vpc-0123abcd"; expected no vpcId, because the running stack created its VPC\. /,
    );
  });

  it("warns instead if the state cannot be read", async () => {
    const silent = { "pulumi:pulumi:readStackResourceOutputs": failing("no such stack") };
    const another = {
      "aws:eks/getClusters:getClusters": () => ({ names: ["inference-test"] }),
      "aws:eks/getCluster:getCluster": () => ({ name: "inference-test", version: "1.36" }),
    };
    assert.equal(await told({}, silent), undefined);
    assert.equal(await told({ target: "eks" }, { ...another, ...silent }), undefined);
    assert.match((await told({ target: "eks" }, another)) ?? "", /EKS cluster name is "inference-test"/);
  });

  it("reports all problems together", async () => {
    const own = {
      ...onTeam("auto", team),
      domain: { name: "api.example.com", zone: "example.com" },
      apiKeys: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-AbCdEf",
    };
    const message = await told(own, {
      ...cluster("vpc-99999999", false),
      "aws:route53/getZone:getZone": () => ({ name: "example.com", zoneId: "Z1", privateZone: true }),
      "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({ secretString: "{}" }),
    });
    const keys = [...(message ?? "").matchAll(/^ {2}(\S+) is/gm)].map(([, key]) => key);
    assert.deepEqual(keys, ["network.vpcId", "eks.cluster.controller", "apiKeys", "domain.zone"]);
  });

  it("fails when AWS does not answer", async () => {
    const denied = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: ec2:DescribeAvailabilityZones";
    for (const [reason, line] of [
      [denied, "arn:aws:iam::123456789012:user/x needs the permission ec2:DescribeAvailabilityZones"],
      ["getaddrinfo ENOTFOUND ec2", "getaddrinfo ENOTFOUND ec2"],
    ] as const) {
      assert.equal(
        await told({}, { "aws:index/getAvailabilityZones:getAvailabilityZones": failing(reason) }),
        `Could not read the zones of eu-west-1 from AWS: ${line}`,
      );
    }
  });

  it("reports a missing sign-in in one line, without further checks", async () => {
    const asked: string[] = [];
    const offline = offlineCloud("eu-west-1");
    const call: Cloud["call"] = (args) => {
      asked.push(args.token);
      if (args.token === "aws:index/getCallerIdentity:getCallerIdentity")
        return failing("No valid credential sources found: Please see https://registry.terraform.io/…")();
      return offline.call(args);
    };
    const own = { domain: { name: "api.example.com", zone: "example.com" } };
    const held = deployed(() => runPreflight(settingsOf(own), nobody), { ...offline, call });
    await assert.rejects(held, { message: "not signed in to AWS: aws sso login, or set AWS_PROFILE" });
    assert.deepEqual(asked, ["aws:index/getCallerIdentity:getCallerIdentity"]);
  });

  it("reports an expired session with the stack's profile, without further checks", async () => {
    const expired = failing("Failed to refresh cached SSO credentials.");
    const cloud = answering({ "aws:index/getCallerIdentity:getCallerIdentity": expired });
    await assert.rejects(
      deployed(() => runPreflight(settingsOf({}), { ...nobody, profile: "team" }), cloud),
      { message: "the AWS sign-in has expired: aws sso login --profile team, or renew the keys" },
    );
  });

  it("runs before the first resource", async () => {
    const created: string[] = [];
    const cloud = answering(zonesOf("us-east-1", "a"));
    const create: Cloud["create"] = (args) => {
      if (args.custom && !args.type.startsWith("pulumi:providers:")) created.push(args.name);
      return cloud.create(args);
    };
    await assert.rejects(
      evaluateStack("dev", { cloud: { ...cloud, create } }),
      /network\.zones is 2; expected at most 1/,
    );
    assert.deepEqual(created, []);
  });
});
