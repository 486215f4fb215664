import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { measure } from "../../../../tools/measure/measure";
import { stackSettings } from "../../../../tools/stack/settings";
import { temporaryFolder } from "../../../support/folder";
import { digest } from "../../../support/measurement";
import { slowServer } from "../../../support/slow-server";

const target = (id: string, state: string) =>
  `<member><Target><Id>${id}</Id></Target><TargetHealth><State>${state}</State></TargetHealth></member>`;
const members = [target("10.0.0.4", "healthy"), target("10.0.0.5", "healthy"), target("10.0.0.6", "initial")];
const health = `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>${members.join("")}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`;

/** Answers for the load balancer, ECS and ECR. */
const aws = createServer((request, response) => {
  const [, action] = String(request.headers["x-amz-target"] ?? "").split(".");
  request.resume().once("end", () => {
    response.setHeader("content-type", action === undefined ? "text/xml" : "application/x-amz-json-1.1");
    const json = action === "DescribeImages" ? { imageDetails: [{ imageSizeInBytes: 123_000_000 }] } : { taskArns: [] };
    response.end(action === undefined ? health : JSON.stringify(json));
  });
});

describe("measure, of a deployed stack", function () {
  this.timeout(120_000);
  const folder = temporaryFolder("deployed");
  const { PATH } = process.env;
  before(() => new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve)));
  after(() => {
    process.env.PATH = PATH;
    aws.close();
  });

  /** A Pulumi CLI that knows one stack. */
  function pretendDeployed(url: string) {
    const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    const endpoints = JSON.stringify([{ elbv2: endpoint, ecs: endpoint, ecr: endpoint }]);
    const keys = { "aws:region": "us-east-1", "aws:accessKey": "a", "aws:secretKey": "b", "aws:endpoints": endpoints };
    const config = Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, { value }]));
    const variants = [{ name: "ecs", target: "ecs", header: "x-variant: ecs", targetGroupArn: "arn:group" }];
    const repositoryUrl = "123456789012.dkr.ecr.us-east-1.amazonaws.com/model";
    const resource = (type: string, outputs: object) => ({ type, urn: `urn:pulumi:dev::p::${type}::n`, outputs });
    const resources = [
      resource("pulumi:pulumi:Stack", { url, imageDigest: digest, variants }),
      resource("aws:ecr/repository:Repository", { repositoryUrl }),
    ];
    writeFileSync(join(folder, "export.json"), JSON.stringify({ deployment: { resources } }));
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    const cli = join(folder, "pulumi");
    writeFileSync(cli, `#!/bin/sh\n[ "$1" = stack ] && cat ${folder}/export.json || cat ${folder}/config.json\n`);
    chmodSync(cli, 0o755);
    process.env.PATH = `${folder}${delimiter}${PATH}`;
  }

  it("divides the rate of a variant by its healthy replicas and their vCPUs, and reads the image's size", async function () {
    // A stalled machine looks like a slow server.
    this.retries(2);
    const { url, server } = await slowServer(20);
    pretendDeployed(url.href);
    const request = { path: "/v1/predict", body: "[1]" };
    const asked = { stack: "dev", perSecond: 20, seconds: 1, p99LimitMs: 200, headers: {}, request, owned: false };
    try {
      const { measurement, recording } = await measure(asked, stackSettings("dev", { target: "ecs" }));
      assert.equal(measurement.subject, `variant ecs of stack dev (${digest})`);
      assert.deepEqual([measurement.imageDigest, measurement.imageBytes], [digest, 123_000_000]);
      assert.deepEqual([measurement.replicas, measurement.vcpus, measurement.cpuModel], [2, 0.5, undefined]);
      // 2 × 0.5 vCPU
      assert.equal(measurement.requestsPerSecondPerVcpu, recording.lanes[0]?.highestPerSecond);
      assert.equal(recording.healthPath, "/health");
    } finally {
      server.close();
    }
  });
});
