import assert from "node:assert/strict";
import { html, markdown, verdict } from "../../../../tools/acceptance/render";
import { redacted, reportOf } from "../../../../tools/acceptance/report";
import { begun, counted, FakeTools, play, steps, wholeRun } from "../../../support/acceptance";

describe("the report of npm run acceptance", () => {
  it("passes only when every step did what it must and no request was lost", async () => {
    const good = reportOf(await wholeRun(), steps);
    assert.equal(good.isMet, true);
    assert.match(verdict(good), /^Passed: all 11 steps did what they must\. 0 of 800 requests lost\.$/);

    const tools = new FakeTools();
    tools.lost.both = 3;
    const lost = reportOf(await wholeRun(tools), steps);
    assert.equal(lost.isMet, false);
    assert.equal(verdict(lost), "Not passed. Wrong: Both. 3 of 800 requests lost.");

    const { steps: records, ...rest } = await wholeRun();
    const short = reportOf({ ...rest, steps: records.slice(0, -2) }, steps);
    assert.equal(short.isMet, false);
    assert.match(verdict(short), /^Not passed\. Not done: Destroy, What is left\./);

    const ended = records.map((one) => (one.name === "back" ? { ...one, outcome: "interrupted" as const } : one));
    assert.match(
      verdict(reportOf({ ...rest, steps: ended }, steps)),
      /^Not passed\. Interrupted: Back to the good image\. 0 of/,
    );

    const unsent = reportOf(
      { ...rest, steps: records.map((one) => (one.name === "back" ? { ...one, requests: counted(0) } : one)) },
      steps,
    );
    assert.match(verdict(unsent), /Wrong: Back to the good image/);
  });

  it("a leftover that AWS keeps is listed and passes, any other does not pass", async () => {
    const tools = new FakeTools();
    tools.left = [{ arn: "arn:aws:kms:eu-west-1:123456789012:key/1", kept: "pending deletion", remove: "aws kms x" }];
    assert.equal(reportOf(await wholeRun(tools), steps).isMet, true);
    tools.left = [{ arn: "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1", remove: "aws ec2 delete-volume" }];
    const left = reportOf(await wholeRun(tools), steps);
    assert.equal(left.isMet, false);
    assert.match(
      markdown(left),
      /\| arn:aws:ec2:eu-west-1:<account>:volume\/vol-1 \| left behind \| aws ec2 delete-volume \|/,
    );
  });

  it("sets measured times beside published ones, only of what the run did", async () => {
    const { beside } = reportOf(await wholeRun(), steps);
    assert.deepEqual(
      beside.map(({ what, seconds }) => [what, seconds]),
      [
        ["Load balancer", 155],
        ["NAT gateway", 104],
        ["Fargate task, image of 413 MB", 34],
        ["Fargate task, image of 900 MB", 34],
        ["Fargate task, small image", 34],
      ],
    );
  });

  it("sets measured times beside the estimates of compare, by resource", async () => {
    const { estimated } = reportOf(await wholeRun(), steps);
    assert.deepEqual(
      estimated.map(({ what, estimatedSeconds, estimatedMost, seconds }) => [
        what,
        estimatedSeconds,
        estimatedMost,
        seconds,
      ]),
      [
        ["ECS, first URL", 292, 322, 400],
        ["Vpc inference", 150, 150, 131],
        ["LoadBalancer inference", 142, 172, 155],
      ],
    );
  });

  it("prices the hours from the first update to the end of the destroy", async () => {
    const progress = await wholeRun();
    const { hours, usd } = reportOf(progress, steps);
    const at = (name: string) => progress.steps.find((step) => step.name === name);
    const end = Date.parse(at("destroy")?.startedAt ?? "") + (at("destroy")?.seconds ?? 0) * 1000;
    assert.equal(hours, (end - Date.parse(at("up")?.startedAt ?? "")) / 3_600_000);
    assert.equal(usd, hours * 0.5);
  });

  it("names no account, address, host, key or stack", async () => {
    const secret = [
      "arn:aws:ecs:eu-west-1:123456789012:service/x is at http://inference-1.eu-west-1.elb.amazonaws.com/ready",
      "123456789012.dkr.ecr.eu-west-1.amazonaws.com/model refused AKIAIOSFODNN7EXAMPLE of ann@example.com at 10.0.3.4",
    ];
    const tools = new FakeTools();
    tools.ends["flip-to-eks"] = { code: 1, output: secret.map((line) => `error: ${line}`).join("\n") };
    const report = reportOf((await play(tools)).progress, steps);
    for (const text of [JSON.stringify(report), html(report), markdown(report)])
      assert.doesNotMatch(text, /123456789012|amazonaws|AKIA|ann@|10\.0\.3\.4|dev-acceptance|0a1b2c3d/);
    assert.equal(redacted(secret[0] ?? ""), "arn:aws:ecs:eu-west-1:<account>:service/x is at <url>");
    assert.equal(redacted("sha256:0123456789012345 took 123456789 ms"), "sha256:0123456789012345 took 123456789 ms");
  });

  it("says in every format what failed and why", async () => {
    const tools = new FakeTools();
    tools.ends["flip-to-eks"] = { code: 1, output: "error: no <capacity>" };
    const report = reportOf((await play(tools)).progress, steps);
    assert.match(markdown(report), /\| Flip to EKS \| failed \|/);
    assert.match(markdown(report), /Flip to EKS: pulumi ended with exit code 1: no <capacity>/);
    assert.match(html(report), /<p class="warning">Not passed\. Wrong: Flip to EKS\. Not done: Both, /);
    assert.match(html(report), /no &lt;capacity&gt;/);
  });

  it("shows the conditions and what differs from the stack file", async () => {
    const text = markdown(reportOf(await wholeRun(), steps));
    for (const expected of [
      /\| region \| eu-west-1 \|/,
      /\| pulumi \| v3\.248\.0 \|/,
      /domain is left out/,
      /2026-11-30 10:00 UTC/,
    ])
      assert.match(text, expected);
    assert.ok(!text.includes(begun.run));
  });
});
