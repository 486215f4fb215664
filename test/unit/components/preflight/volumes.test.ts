import assert from "node:assert/strict";
import { volumeProblems } from "../../../../components/preflight/volumes";
import { offlineCloud } from "../../../../tools/offline/cloud";
import { deployed } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const [efs, accessPoint] = ["fs-0123456789abcdef0", "fsap-0123456789abcdef0"];
const place = Promise.resolve({ replicaZones: ["eu-west-1a", "eu-west-1b", "eu-west-1b"] });

type Answers = Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>>;

/** The key and the words of each problem, with some answers in place of those of the offline cloud. */
async function told(answers: Answers = {}) {
  const volumes = { models: { efs, accessPoint, path: "/models" } };
  const offline = offlineCloud("eu-west-1", { network, volumes });
  const call: typeof offline.call = (args) => (answers[args.token] ?? (() => offline.call(args)))(args.inputs);
  let found: string[][] = [];
  await deployed(
    async () => {
      const settings = settingsOf({ network, volumes });
      const problems = await volumeProblems(settings, place, {});
      found = problems.map(({ key, expected }) => [key, expected]);
    },
    { ...offline, call },
  );
  return found;
}

const failing = (details: string) => () => {
  throw Object.assign(new Error(details), { details });
};
const interfaces = (own: object) => ({
  "aws:ec2/getNetworkInterface:getNetworkInterface": ({ id }: Record<string, unknown>) => ({
    availabilityZone: `eu-west-1${id}`,
    securityGroups: ["sg-0123456789abcdef0"],
    vpcId: network.vpcId,
    ...own,
  }),
});

describe("volumeProblems", () => {
  it("accepts a file system with an open mount target in each zone of the replicas", async () =>
    assert.deepEqual(await told(), []));

  it("refuses a file system and an access point that do not exist", async () => {
    const noFileSystem = failing(`reading EFS FileSystem (${efs}): FileSystemNotFound: does not exist`);
    assert.deepEqual(await told({ "aws:efs/getFileSystem:getFileSystem": noFileSystem }), [
      ["volumes.models.efs", "a file system that exists in eu-west-1"],
    ]);
    const noAccessPoint = failing(`reading EFS Access Point (${accessPoint}): couldn't find resource`);
    const expected = [["volumes.models.accessPoint", `an access point of ${efs}`]];
    const ofAnother = () => ({ fileSystemId: "fs-0123456789abcdef1" });
    for (const answer of [noAccessPoint, ofAnother])
      assert.deepEqual(await told({ "aws:efs/getAccessPoint:getAccessPoint": answer }), expected);
  });

  it("refuses a file system without a mount target in a zone of the replicas", async () => {
    const missing = (zones: string) => [
      [
        "volumes.models.efs",
        `a file system with a mount target in vpc-0123abcd in each zone of the replicas; ${zones} has none`,
      ],
    ];
    let asked: unknown;
    const inFirst = {
      "aws:ec2/getNetworkInterfaces:getNetworkInterfaces": ({ filters }: Record<string, unknown>) => {
        asked = filters;
        return { ids: ["a"] };
      },
    };
    assert.deepEqual(await told(inFirst), missing("eu-west-1b"));
    assert.deepEqual(asked, [{ name: "description", values: [`*${efs}*`] }]);
    assert.deepEqual(await told(interfaces({ vpcId: "vpc-0456cdef" })), missing("eu-west-1a, eu-west-1b"));
  });

  it("refuses mount targets whose security group admits nobody on the port of NFS, and prints the command", async () => {
    const [[key, expected] = []] = await told({
      "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": () => ({ ids: ["sgr-443"] }),
    });
    assert.equal(key, "volumes.models.efs");
    assert.match(String(expected), /authorize-security-group-ingress --group-id sg-0123456789abcdef0 .* --port 2049/);
  });
});
