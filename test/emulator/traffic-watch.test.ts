import assert from "node:assert/strict";
import { createServer } from "node:http";
import { freePort } from "../support/free-port";
import { TrafficWatch } from "./traffic-watch";

describe("The watch over the traffic", () => {
  const client = (port: number) => ({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });

  it("says that it went blind when nobody answers it", async () => {
    const watch = new TrafficWatch({ client: client(await freePort()) });
    await assert.rejects(watch.stop(), /the watch went blind after 0 looks: .*ECONNREFUSED/);
  });

  it("counts a look that waits for its answer as one look, not as those that it stood in for", async () => {
    const port = await freePort();
    const answer = "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult/></DescribeLoadBalancersResponse>";
    let released: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      released = resolve;
    });
    const server = createServer(async (_, response) => {
      await held;
      response.setHeader("content-type", "text/xml").end(answer);
    }).listen(port, "127.0.0.1");
    try {
      const watch = new TrafficWatch({ client: client(port) });
      setTimeout(released, 2_000);
      const { shareOfLooks } = await watch.stop();
      assert.ok(shareOfLooks < 0.1, `${shareOfLooks} of the looks were made`);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
