import assert from "node:assert/strict";
import { awsConnection, clientConfig } from "../../../../components/aws/connection";

describe("AWS connection", () => {
  it("has only the region of a stack without further aws keys", () =>
    assert.deepEqual(awsConnection({ "aws:region": "eu-west-1", "inference:cpu": "512" }), {
      region: "eu-west-1",
      profile: undefined,
      assumeRoles: [],
      endpoints: {},
    }));

  it("reads profile, keys and token from the provider's configuration", () =>
    assert.deepEqual(
      awsConnection({ "aws:profile": "ops", "aws:accessKey": "A", "aws:secretKey": "S", "aws:token": "T" }),
      {
        region: undefined,
        profile: "ops",
        keys: { accessKeyId: "A", secretAccessKey: "S", sessionToken: "T" },
        assumeRoles: [],
        endpoints: {},
      },
    ));

  it("ignores an access key without its secret", () =>
    assert.equal(awsConnection({ "aws:accessKey": "A" }).keys, undefined));

  it("reads the roles from JSON text and from a YAML list", () => {
    const roles = [
      { roleArn: "arn:aws:iam::123456789012:role/hub", externalId: undefined },
      { roleArn: "arn:aws:iam::210987654321:role/deploy", externalId: "x" },
    ];
    for (const given of [roles, JSON.stringify(roles)]) {
      assert.deepEqual(awsConnection({ "aws:assumeRoles": given }).assumeRoles, roles);
    }
  });

  it("merges endpoints over a list of maps, as the provider does", () =>
    assert.deepEqual(
      awsConnection({ "aws:endpoints": '[{"ecs":"http://127.0.0.1:1"},{"elbv2":"http://127.0.0.1:2"}]' }).endpoints,
      { ecs: "http://127.0.0.1:1", elbv2: "http://127.0.0.1:2" },
    ));

  it("gives a client its region, its keys and its service's endpoint", async () => {
    const connection = awsConnection({
      "aws:region": "eu-west-1",
      "aws:accessKey": "A",
      "aws:secretKey": "S",
      "aws:endpoints": '[{"ecs":"http://127.0.0.1:1"}]',
    });
    const { region, credentials, endpoint } = await clientConfig(connection, "ecs");
    assert.deepEqual([region, endpoint], ["eu-west-1", "http://127.0.0.1:1"]);
    assert.deepEqual(credentials, { accessKeyId: "A", secretAccessKey: "S", sessionToken: undefined });
    assert.equal((await clientConfig(connection, "elbv2")).endpoint, undefined);
  });
});
