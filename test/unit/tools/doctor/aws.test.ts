import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { endpointDiagnoses } from "../../../../tools/doctor/endpoints";
import { judge, quotaDiagnosis, quotas } from "../../../../tools/doctor/quotas";
import { signIn } from "../../../../tools/doctor/sign-in";
import { stackSettings } from "../../../../tools/stack/settings";
import { temporaryFolder } from "../../../support/folder";

const dev = stackSettings("dev");
const noon = Date.UTC(2026, 10, 30, 12);

describe("doctor, AWS without an account", () => {
  const read = (reach: (url: string) => Promise<Date | undefined>, settings = dev, endpoints = {}) =>
    endpointDiagnoses(settings, { endpoints }, reach, () => noon);

  it("region and clock: fine", async () => {
    const asked: string[] = [];
    const { region, clock } = await read(async (url) => {
      asked.push(url);
      return new Date(noon - 1000);
    });
    assert.deepEqual(region, { verdict: "ok", text: "us-east-1: ECR, load balancing, ECS answer." });
    assert.deepEqual(clock, { verdict: "ok", text: "It agrees with AWS." });
    assert.ok(asked.includes("https://api.ecr.us-east-1.amazonaws.com"));
  });

  it("region: asks the services of the target, where the stack has them", async () => {
    const settings = stackSettings("dev", { "inference:target": "eks" });
    const asked: string[] = [];
    await read(async (url) => void asked.push(url), settings, { ecr: "http://127.0.0.1:1" });
    assert.deepEqual(asked, [
      "http://127.0.0.1:1",
      "https://elasticloadbalancing.us-east-1.amazonaws.com",
      "https://eks.us-east-1.amazonaws.com",
    ]);
  });

  it("region: one service does not exist, or none answers", async () => {
    const noEcs = await read(async (url) => {
      if (url.includes("//ecs")) throw new Error("getaddrinfo ENOTFOUND");
      return new Date(noon);
    });
    assert.equal(
      noEcs.region.text,
      "No answer in us-east-1 from ECS (getaddrinfo ENOTFOUND). Check the network, and aws:region.",
    );
    assert.equal(noEcs.region.verdict, "problem");
    const none = await read(() => Promise.reject(new Error("fetch failed")));
    assert.match(none.region.text, /^No answer in us-east-1 from any service, the first is ECR \(fetch failed\)/);
    assert.equal(none.clock.verdict, "not checked");
  });

  it("clock: five minutes are too much, in both directions", async () => {
    const at = async (seconds: number) => (await read(async () => new Date(noon - seconds * 1000))).clock;
    assert.deepEqual(await at(60), { verdict: "ok", text: "60 s ahead of AWS." });
    const { verdict, text, fix } = await at(-301);
    assert.deepEqual([verdict, fix], ["problem", "sudo timedatectl set-ntp true"]);
    assert.match(text, /^The clock is 301 s behind AWS/);
    assert.equal((await at(300)).verdict, "problem");
  });
});

describe("doctor, the account", () => {
  const fails = (name: string, message: string) => () => Promise.reject(Object.assign(new Error(message), { name }));
  const of = (access: Parameters<typeof signIn>[1]) => signIn({ assumeRoles: [], endpoints: {} }, access);

  const withoutCredentials = fails("CredentialsProviderError", "Could not load credentials from any providers");

  it("signed in", async () => {
    const { isSignedIn, diagnosis } = await of(async () => ({
      url: "https://123456789012.dkr.ecr.us-east-1.amazonaws.com",
    }));
    assert.equal(isSignedIn, true);
    assert.equal(diagnosis.text, "Signed in to account 123456789012 and its registry.");
  });

  it("no credentials are one line, and no problem", async () => {
    const { isSignedIn, diagnosis } = await of(withoutCredentials);
    assert.deepEqual([isSignedIn, diagnosis.verdict], [false, "not checked"]);
    assert.match(diagnosis.text, /not checked: account, registry, quotas/);
  });

  it("the sign-in begins with a profile where the AWS CLI has none", async () => {
    const before = process.env.AWS_CONFIG_FILE;
    const file = join(temporaryFolder("aws-config"), "config");
    process.env.AWS_CONFIG_FILE = file;
    try {
      assert.equal((await of(withoutCredentials)).diagnosis.fix, "aws configure sso");
      writeFileSync(file, "[default]");
      assert.equal((await of(withoutCredentials)).diagnosis.fix, "aws sso login");
    } finally {
      if (before === undefined) delete process.env.AWS_CONFIG_FILE;
      else process.env.AWS_CONFIG_FILE = before;
    }
  });

  it("credentials that AWS refuses are a problem, in the words of pulumi up", async () => {
    const { isSignedIn, diagnosis } = await of(
      fails("ExpiredTokenException", "The security token is expired: ExpiredToken"),
    );
    assert.deepEqual([isSignedIn, diagnosis.verdict], [false, "problem"]);
    assert.match(diagnosis.text, /^the AWS sign-in has expired: aws sso login/);
  });

  it("without permission for the registry the other checks go on", async () => {
    const arn = "arn:aws:iam::123456789012:user/ann";
    const message = `User: ${arn} is not authorized to perform: ecr:GetAuthorizationToken on resource: *`;
    const { isSignedIn, diagnosis } = await of(fails("AccessDeniedException", message));
    assert.equal(isSignedIn, true);
    assert.match(diagnosis.text, /user\/ann needs the permission ecr:GetAuthorizationToken$/);
    assert.equal((await of(fails("TimeoutError", "no answer"))).isSignedIn, false);
  });
});

describe("doctor, quotas", () => {
  const quota = (title: string) => {
    const found = quotas.find((one) => one.title === title);
    assert.ok(found, title);
    return found;
  };
  const resource = (type: string) => ({ type, urn: `urn:pulumi:dev::inference::${type}::x` });
  const wanted = (keys: Record<string, unknown>) => {
    const settings = stackSettings("prod", keys);
    return Object.fromEntries(
      quotas.map(({ title, wanted, atMost = wanted }) => [title, [wanted(settings), atMost(settings)]]),
    );
  };

  it("knows what a stack needs", () => {
    assert.deepEqual(wanted({}), {
      "Fargate vCPU on demand": [3, 12],
      VPCs: [1, 1],
      "Elastic IP addresses": [3, 3],
      "Application Load Balancers": [1, 1],
      "EKS clusters": [0, 0],
    });
    const spot = { onDemandBase: 1, onDemandWeight: 1, spotWeight: 3 };
    assert.deepEqual(
      wanted({ "inference:target": "both", "inference:spot": spot, "inference:cpu": 2048, "inference:memory": 4096 }),
      {
        "Fargate vCPU on demand": [4, 8],
        VPCs: [1, 1],
        "Elastic IP addresses": [3, 3],
        "Application Load Balancers": [1, 1],
        "EKS clusters": [1, 1],
      },
    );
  });

  it("are not checked when AWS refuses, with the reason that came or was printed", () => {
    const refused = (failure: string, errors: readonly string[]) =>
      quotaDiagnosis({ quota: quota("VPCs"), level: { failure } }, stackSettings("prod"), [], errors);
    const user = "arn:aws:iam::123456789012:user/ann";
    const printed = `[ERROR] : getting Service Quota (vpc/L-F678F1CE): User: ${user} is not authorized to perform: servicequotas:GetServiceQuota`;
    const expected = `VPCs: ${user} needs the permission servicequotas:GetServiceQuota`;
    assert.deepEqual(refused("", ["[ERROR] : another", printed]), {
      verdict: "not checked",
      text: expected,
      fix: undefined,
    });
    assert.equal(refused("no answer", []).text, "VPCs: no answer");
  });

  it("fits, is full, or is full at the most replicas", () => {
    const prod = stackSettings("prod");
    const vpcs = quota("VPCs");
    assert.deepEqual(judge(vpcs, { limit: 5, inUse: 4 }, prod, []), {
      verdict: "ok",
      text: "VPCs: 4 of 5 in use; with this stack 5 at most.",
    });
    const full = judge(vpcs, { limit: 5, inUse: 5 }, prod, []);
    assert.equal(full.verdict, "problem");
    assert.equal(full.text, "VPCs: 5 of 5 in use; with this stack 6.");
    assert.match(String(full.fix), /--service-code vpc --quota-code L-F678F1CE --desired-value 6$/);
    // Its own one is among the five.
    assert.equal(judge(vpcs, { limit: 5, inUse: 5 }, prod, [resource("aws:ec2/vpc:Vpc")]).verdict, "ok");
    const fargate = quota("Fargate vCPU on demand");
    assert.equal(judge(fargate, { limit: 6, inUse: 0 }, prod, []).verdict, "warning");
    assert.equal(judge(fargate, { limit: 6, inUse: 4 }, prod, []).verdict, "problem");
    assert.equal(judge(fargate, { limit: 12, inUse: 3 }, prod, [resource("aws:ecs/service:Service")]).verdict, "ok");
  });
});
