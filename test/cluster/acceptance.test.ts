import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Report } from "../../tools/acceptance/report";
import { features } from "./support/images";
import { longCase } from "./support/long-case";
import { describeOnCluster, shorten } from "./support/scene";
import { usual } from "./support/stack";

const limitMs = 40 * 60_000;

/** The first suite by name: the load balancer of these tests serves one stack, and the story makes its own and deletes it. */
describeOnCluster("npm run acceptance, on the cluster", (scene) => {
  longCase("runs the whole story with real requests, loses none, and leaves nothing", async function () {
    this.timeout(limitMs);
    const { sandbox, aws, balancer, version } = scene();
    const elb = new ElasticLoadBalancingV2Client(aws.client);
    const balancers = async () => (await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers ?? [];
    assert.deepEqual(await balancers(), [], "the account has a load balancer already");
    const [first, second] = [await version("v1"), await version("v2")];
    shorten(sandbox);
    const [usualUrl, url] = ["url: traffic.url,", `url: traffic.url.apply(() => "${new URL(balancer.url).origin}"),`];
    sandbox.edit("index.ts", usualUrl, url);
    sandbox.configure("dev", { ...aws.configuration, ...usual, "inference:image": first });

    const body = ["--body", JSON.stringify(features), "--image2", second];
    const story = sandbox.startLongScript("acceptance", "--stack", "dev", "--yes", "--rps", "20", ...body);
    const { code, output } = await story.result;
    sandbox.edit("index.ts", url, usualUrl);
    console.log(output);

    const report = JSON.parse(readFileSync(join(sandbox.project, "acceptance/report.json"), "utf8")) as Report;
    const outcomes = report.steps.map(({ name, outcome }) => `${name} ${outcome}`);
    assert.deepEqual(
      outcomes.filter((line) => !line.endsWith(" done")),
      [],
    );
    assert.equal(outcomes.length, 11);
    assert.ok(report.sent > 2000, `${report.sent} requests`);
    assert.deepEqual([report.lost, code], [0, 0]);
    assert.deepEqual(await balancers(), []);
    assert.equal(existsSync(join(sandbox.project, "Pulumi.dev-acceptance.yaml")), false);
  });
});
