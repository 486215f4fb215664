import assert from "node:assert/strict";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";

interface Request {
  readonly host: string;
  readonly region: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly now: Date;
}
interface Credentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token?: string;
}
const { signedHeaders } = require("../../../../../components/eks-service/in-cluster/signature") as {
  signedHeaders(request: Request, credentials: Credentials): Readonly<Record<string, string>>;
};

/** Of the AWS Signature Version 4 test suite. */
const suite = {
  host: "example.amazonaws.com",
  region: "us-east-1",
  service: "service",
  now: new Date("2015-08-30T12:36:00Z"),
};
const AccessKeyId = "AKIDEXAMPLE";
const SecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const scope = `Credential=${AccessKeyId}/20150830/us-east-1/service/aws4_request`;

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What AWS's SDK sends, before the network. */
async function sentBySdk(): Promise<Sent> {
  const sent: Sent[] = [];
  const requestHandler = {
    handle: ({ headers, body }: { readonly headers: Sent["headers"]; readonly body: Uint8Array }) => {
      sent.push({ headers, body: new TextDecoder().decode(body) });
      return Promise.reject(new Error("no network"));
    },
  };
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: "a+session/token==" };
  const client = new CloudWatchClient({ region: "eu-west-1", credentials, requestHandler, maxAttempts: 1 });
  const command = new GetMetricDataCommand({
    StartTime: new Date("2026-12-01T10:00:00Z"),
    EndTime: new Date("2026-12-01T10:15:00Z"),
    MetricDataQueries: [{ Id: "requests", Label: "é" }],
  });
  await assert.rejects(client.send(command), /no network/);
  const [only] = sent;
  assert.ok(only);
  return only;
}

describe("Signature Version 4 of the request scaler", () => {
  it("is that of AWS's vector post-vanilla", () => {
    const { authorization } = signedHeaders({ ...suite, headers: {}, body: "" }, { AccessKeyId, SecretAccessKey });
    const signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
    assert.equal(authorization, `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`);
  });

  it("is that of AWS's vector post-x-www-form-urlencoded", () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { authorization } = signedHeaders(
      { ...suite, headers, body: "Param1=value1" },
      { AccessKeyId, SecretAccessKey },
    );
    const signature = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a";
    assert.equal(
      authorization,
      `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=content-type;host;x-amz-date, Signature=${signature}`,
    );
  });

  it("is that of AWS's SDK for a request to CloudWatch with the token of a session", async () => {
    const { headers, body } = await sentBySdk();
    const [, names = ""] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "") ?? [];
    const signed = Object.fromEntries(names.split(";").map((name) => [name, headers[name] ?? ""]));
    const { host = "", "x-amz-date": time = "", "x-amz-security-token": Token, ...others } = signed;
    const now = new Date(time.replace(/(....)(..)(..)T(..)(..)(..)Z/, "$1-$2-$3T$4:$5:$6Z"));
    const request = { host, region: "eu-west-1", service: "monitoring", headers: others, body, now };
    const { authorization } = signedHeaders(request, { AccessKeyId, SecretAccessKey, Token });
    assert.equal(authorization, headers.authorization);
  });

  it("signs the request that AWS's SDK sends", async () => {
    const { headers, body } = await sentBySdk();
    assert.equal(headers["x-amz-target"], "GraniteServiceVersion20100801.GetMetricData");
    assert.equal(headers["content-type"], "application/x-amz-json-1.0");
    assert.equal(headers.host, "monitoring.eu-west-1.amazonaws.com");
    const { StartTime, EndTime } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    assert.deepEqual(
      [StartTime, EndTime],
      ["10:00", "10:15"].map((at) => Date.parse(`2026-12-01T${at}:00Z`) / 1000),
    );
  });
});
