import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { appFolder } from "./support/engine";
import { imageUnderTest } from "./support/image-under-test";
import { RunningContainer } from "./support/running-container";

const clients = 6;

describe("The container on SIGTERM", function () {
  this.timeout(120_000);
  const image = imageUnderTest();
  let photo: Buffer;
  let container: RunningContainer;

  before(async () => {
    photo = await readFile(join(appFolder, "photos/china.jpg"));
  });
  beforeEach(async () => {
    container = await RunningContainer.start(image);
  });
  afterEach(() => container?.remove());

  interface Answer {
    status: number;
    /** The server closes the connection, so a load balancer sends no further request on it. */
    last: boolean;
  }

  function predict(agent: Agent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "image/jpeg", "content-length": photo.length };
      const sent = request(`${container.url}/predict`, { method: "POST", agent, headers }, (response) => {
        const { statusCode: status = 0 } = response;
        response
          .on("error", reject)
          .on("end", () => resolve({ status, last: response.headers.connection === "close" }));
        response.resume();
      });
      sent.on("error", reject).end(photo);
    });
  }

  it("SIGTERM under load: every request is answered, and the exit code is 0", async () => {
    const answers: { sentAt: number; status: number }[] = [];
    const client = async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        for (let last = false; !last; ) {
          const sentAt = performance.now();
          const answer = await predict(agent);
          answers.push({ sentAt, status: answer.status });
          last = answer.last;
        }
      } finally {
        agent.destroy();
      }
    };
    const load = Promise.all(Array.from({ length: clients }, client));
    let isLoading = true;
    void load
      .catch(() => {})
      .then(() => {
        isLoading = false;
      });
    const warm = async () => {
      while (isLoading && answers.length <= 2 * clients) await sleep(10);
    };
    await Promise.race([warm(), load]);
    const answeredBefore = answers.length;
    const signalledAt = performance.now();
    const exit = container.terminate();
    await load;

    const sentBefore = answers.filter(({ sentAt }) => sentAt < signalledAt);
    assert.ok(sentBefore.length > answeredBefore, "nothing was in flight at SIGTERM");
    assert.deepEqual([...new Set(sentBefore.map(({ status }) => status))], [200]);
    const sentAfter = answers.filter(({ sentAt }) => sentAt >= signalledAt);
    assert.deepEqual(
      sentAfter.filter(({ status }) => status !== 200 && status !== 503),
      [],
    );
    assert.equal(await exit, 0);
  });
});
