import assert from "node:assert/strict";
import { prioritiesFrom } from "../../../../components/core/rule-priority";
import { serviceSpec } from "../../../../components/core/service-spec";
import { problemsOf, settingsOf } from "../../support/settings";

const listenerArn =
  "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/0123456789abcdef/0123456789abcdef";
const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: [],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const joined = (own: Readonly<Record<string, unknown>> = {}, others: Readonly<Record<string, unknown>> = {}) => ({
  network,
  ingressCidrs: [],
  allowHttp: false,
  gateway: { listenerArn, host: "cats.example.com", ...own },
  ...others,
});
const told = (own: Readonly<Record<string, unknown>>) => problemsOf(own).map(({ key, expected }) => [key, expected]);
const jwt = { issuer: "id", jwksUri: "https://id.example.com/keys", claims: { aud: { values: ["cats"] } } };
const oidc = {
  issuer: "https://id.example.com",
  authorizationEndpoint: "https://id.example.com/a",
  tokenEndpoint: "https://id.example.com/t",
  userInfoEndpoint: "https://id.example.com/u",
  clientId: "cats",
  clientSecretArn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:client-AbCdEf",
};

describe("parseSettings: gateway", () => {
  it("is absent by default", () => assert.equal(settingsOf().gateway, undefined));

  it("accepts a listener with a host, a path or both, from priority 1000 on", () => {
    const host = "cats.example.com";
    assert.deepEqual(settingsOf(joined()).gateway, { listenerArn, priority: 1000, host });
    assert.deepEqual(settingsOf(joined({ priority: 49_001, path: "/models/cats-1.0" })).gateway, {
      listenerArn,
      priority: 49_001,
      host,
      path: "/models/cats-1.0",
    });
    assert.deepEqual(told(joined({ host: undefined, path: "/cats" })), []);
  });

  it("needs neither callers, nor public subnets, nor a domain with protect, apiKeys or auth: they are the owner's, or in the account", () => {
    const apiKeys = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-AbCdEf";
    assert.deepEqual(told(joined({}, { protect: true, apiKeys, auth: { jwt } })), []);
    assert.deepEqual(
      told({ ...joined({}, { protect: true, apiKeys, auth: { jwt } }), gateway: {} }).map(([key]) => key),
      ["network.publicSubnetIds", "ingressCidrs", "domain", "auth", "apiKeys"],
    );
  });

  it("refuses a listener without a host and a path, which would take the requests to every service", () =>
    assert.deepEqual(told(joined({ host: undefined })), [
      ["gateway.host", "a host or a path (gateway.path): the rules match the requests to this service only"],
    ]));

  it("refuses a listener of another region, or of a load balancer that is no Application Load Balancer", () => {
    assert.deepEqual(told(joined({ listenerArn: listenerArn.replace("eu-west-1", "us-east-1") })), [
      ["gateway.listenerArn", "a listener in eu-west-1"],
    ]);
    for (const arn of [listenerArn.replace("/app/", "/net/"), listenerArn.replace(":listener/", ":loadbalancer/")])
      assert.deepEqual(told(joined({ listenerArn: arn })), [
        ["gateway.listenerArn", "the arn of a listener of an Application Load Balancer"],
      ]);
  });

  it("refuses paths and hosts that a rule or the URL could not hold, and a block beyond the last priority", () => {
    for (const path of ["cats", "/", "/cats/", "/cats/*", "/a b", `/${"a".repeat(100)}`])
      assert.deepEqual(
        told(joined({ path })).map(([key]) => key),
        ["gateway.path"],
        path,
      );
    for (const host of ["*.example.com", "Cats.example.com", "cats"])
      assert.deepEqual(
        told(joined({ host })).map(([key]) => key),
        ["gateway.host"],
      );
    assert.deepEqual(told(joined({ priority: 49_002 })), [["gateway.priority", "a whole number from 1 to 49001"]]);
  });

  it("refuses a VPC of the stack's own: the load balancer reaches replicas in its VPC", () =>
    assert.deepEqual(told({ ...joined(), network: {} }), [
      ["network", "the vpcId and the private subnets of the VPC of the load balancer that gateway.listenerArn names"],
    ]));

  it("refuses a sign-in with a path, to which the sign-in does not return", () => {
    assert.deepEqual(told(joined({}, { auth: { oidc } })), []);
    assert.deepEqual(
      told(joined({ path: "/cats" }, { auth: { oidc } })).map(([key]) => key),
      ["gateway.path"],
    );
  });

  it("does not apply on this machine", () => {
    const own = { target: "local", gateway: { listenerArn } };
    assert.deepEqual(told(own), []);
    assert.deepEqual(settingsOf(own).notes, []);
  });

  it("notes the keys that the owner of the load balancer decides, and warns of those that protect", () => {
    const set = {
      ...{ domain: { name: "api.example.com", zone: "example.com" }, internal: true, accessLogDays: 30 },
      ...{ ingressCidrs: ["192.0.2.0/24"], waf: { mode: "block" }, auth: { jwt } },
    };
    const { notes, warnings } = settingsOf(joined({}, set));
    assert.deepEqual(notes, [
      "kept and ignored with gateway: domain, internal, accessLogDays. The owner of the load balancer decides",
      "auth with gateway: the load balancer's security groups must let it call the identity provider on port 443. The program does not open them",
      "gateway: no alarm on the load balancer itself, whose errors are also those of other services, and no price of its hours and addresses",
    ]);
    assert.deepEqual(warnings, [
      "ingressCidrs is kept and ignored with gateway: the load balancer's security groups decide who may call",
      "waf is kept and ignored with gateway: requests pass the web ACL of the load balancer's owner, if there is one",
    ]);
    assert.equal(settingsOf(joined()).notes.length, 1);
    const open = "gateway: on EKS every address of the load balancer's subnets may reach the pods";
    const onEks = settingsOf(joined({}, { target: "eks", eks: { endpointCidrs: ["192.0.2.0/24"] }, internal: true }));
    assert.deepEqual(onEks.warnings, [open]);
  });

  it("passes the path to the container, which answers under it", () => {
    const prefix = (own: Readonly<Record<string, unknown>>) => serviceSpec(settingsOf(own)).environment.PATH_PREFIX;
    assert.equal(prefix(joined({ path: "/models/cats" })), "/models/cats");
    assert.equal(prefix(joined()), undefined);
    assert.equal(prefix({ target: "local", gateway: { listenerArn, path: "/cats" } }), undefined);
  });

  it("refuses more hidden paths than a rule holds beside the host", () => {
    const container = { platformPaths: ["/1", "/2", "/3", "/4", "/5"] };
    assert.deepEqual(
      told(joined({}, { container })).map(([key]) => key),
      ["container.platformPaths"],
    );
    assert.deepEqual(told(joined({ host: undefined, path: "/cats" }, { container })), []);
  });

  it("notes that a container of one's own must answer under the path", () => {
    const note = "gateway.path: the load balancer forwards /cats/… as it is, so the container must answer under /cats";
    const notesOf = (preset: string) => settingsOf(joined({ path: "/cats" }, { container: { preset } })).notes;
    assert.ok(notesOf("fastapi").includes(note));
    assert.equal(notesOf("ours").includes(note), false);
  });

  it("refuses variants whose rules collide within the block", () => {
    const { header } = prioritiesFrom(1000);
    const names = Array.from({ length: 200 }, (_, index) => `v${index}`);
    const firstAt = (priority: number) => names.find((name) => header("main", name) === priority) ?? "";
    const second = names.find((name) => firstAt(header("main", name)) !== name) ?? "";
    const first = firstAt(header("main", second));
    const variants = {
      [first]: { target: "ecs", weight: 100 },
      [second]: { target: "ecs", weight: 0 },
    };
    const own = { target: "variants", variants };
    assert.deepEqual(
      told(joined({}, own)).map(([key]) => key),
      [`variants.${second}`],
    );
    assert.deepEqual(told(own), []);
  });
});
