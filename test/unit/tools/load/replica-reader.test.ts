import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { replicaReader } from "../../../../tools/load/replica-reader";

const targets = [
  ["10.0.0.4", "healthy"],
  ["10.0.0.5", "initial"],
].map(
  ([id, state]) =>
    `<member><Target><Id>${id}</Id></Target><TargetHealth><State>${state}</State></TargetHealth></member>`,
);
const health = `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>${targets.join("")}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`;
const answers: Readonly<Record<string, unknown>> = {
  ListTasks: { taskArns: ["arn:task"] },
  DescribeTasks: {
    tasks: [
      {
        taskArn: "arn:aws:ecs:us-east-1:123456789012:task/cluster/0123abcd",
        createdAt: 1_700_000_000,
        containers: [{ networkInterfaces: [{ privateIpv4Address: "10.0.0.5" }] }],
      },
    ],
  },
};

describe("replicaReader", () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const action = String(request.headers["x-amz-target"] ?? "").split(".")[1];
      asked.push(action === undefined ? body : `${action} ${body}`);
      response.setHeader("content-type", action === undefined ? "text/xml" : "application/x-amz-json-1.1");
      response.end(action === undefined ? health : JSON.stringify(answers[action]));
    });
  });
  before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  after(() => server.close());

  const reader = () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const keys = { accessKeyId: "a", secretAccessKey: "b" };
    const connection = { region: "us-east-1", keys, assumeRoles: [], endpoints: { elbv2: url, ecs: url } };
    return replicaReader(connection, { cluster: "cluster", services: { ecs: "service" } });
  };

  it("reads the health of the variant's targets", async () => {
    assert.deepEqual(await (await reader()).targets("arn:group"), [
      { id: "10.0.0.4", healthy: true },
      { id: "10.0.0.5", healthy: false },
    ]);
    assert.match(asked.at(-1) ?? "", /TargetGroupArn=arn%3Agroup/);
  });

  it("maps addresses to the tasks of the variant's own service, with their creation times", async () => {
    const tasks = await (await reader()).tasks("ecs");
    assert.deepEqual([...tasks], [["10.0.0.5", { id: "0123abcd", madeAtMs: 1_700_000_000_000 }]]);
    assert.ok(
      asked.some((one) => /^ListTasks .*"cluster":"cluster","serviceName":"service"/.test(one)),
      asked.join("\n"),
    );
  });

  it("returns no tasks for a variant that does not run on ECS", async () => {
    const before = asked.length;
    assert.equal((await (await reader()).tasks("eks")).size, 0);
    assert.equal(asked.length, before);
  });
});
