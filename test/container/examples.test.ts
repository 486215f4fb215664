import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ServiceSpec, serviceSpec } from "../../components/core/service-spec";
import { RunningContainer } from "../../tools/container/running-container";
import { stackSettings } from "../../tools/stack/settings";
import { exampleFolder, exampleStackFile } from "../support/examples";
import { appFolder } from "./support/engine";
import { imageUnderTest } from "./support/image-under-test";
import { LateRequest } from "./support/late-request";

interface Prediction {
  readonly path: string;
  readonly body: FormData | object;
  /** What the answer must contain. */
  readonly says: RegExp;
}

/** What becomes of a request that is under way at SIGTERM, and of the process. */
interface Fate {
  readonly answered: boolean;
  readonly exit: number;
}

interface RunningExample {
  readonly folder: string;
  readonly predict: () => Promise<Prediction>;
  readonly uid: number;
  /** As a pod of EKS and as `docker run`: the server is process 1. */
  readonly asProcess1: Fate;
  /** As a task of ECS, which puts an init process before the server. */
  readonly behindInit: Fate;
  /** What it writes at its start. */
  readonly writes?: string;
}

const graceful: Fate = { answered: true, exit: 0 };
/** uvicorn answers, then sends the signal to itself again; as process 1 it survives that. */
const resignalled: Fate = { answered: true, exit: 128 + 15 };
const killedBySigterm: Fate = { answered: false, exit: 128 + 15 };
/** An ignored SIGTERM is followed by SIGKILL. */
const ignored: Fate = { answered: true, exit: 128 + 9 };
/** Docker lets every process listen on low ports (moby/moby#41030); containerd before 2.0 does not (containerd/containerd#6924). */
const lowPortsNeedRoot = "--sysctl=net.ipv4.ip_unprivileged_port_start=1024";
/** Until the server reads the request, and until it has handled the signal. */
const readingMs = 300;
const signalMs = 700;

async function photo(field: string): Promise<FormData> {
  const form = new FormData();
  form.append(
    field,
    new Blob([await readFile(join(appFolder, "photos/goldfish.webp"))], { type: "image/webp" }),
    "fish.webp",
  );
  return form;
}

const features = (...values: number[]) => ({ features: values });
const tensor = (name: string, data: number[]) => ({ name, datatype: "INT32", shape: [1, data.length], data });

const examples: readonly RunningExample[] = [
  {
    folder: "fastapi-pytorch",
    predict: async () => ({ path: "/predict", body: await photo("file"), says: /"class":"goldfish/ }),
    uid: 1000,
    asProcess1: graceful,
    behindInit: resignalled,
  },
  {
    folder: "flask-sklearn",
    predict: async () => ({ path: "/predict", body: features(6.3, 3.3, 6, 2.5), says: /"prediction":"virginica"/ }),
    uid: 1000,
    asProcess1: graceful,
    behindInit: graceful,
  },
  {
    folder: "the-tutorials/echo",
    predict: async () => ({ path: "/predict", body: features(1, 2, 3, 4), says: /"prediction":"sample_prediction"/ }),
    uid: 0,
    asProcess1: graceful,
    behindInit: graceful,
  },
  {
    folder: "the-tutorials/features",
    predict: async () => ({ path: "/predict", body: features(3, 2, 1500, 2020), says: /"prediction": 3525000/ }),
    uid: 0,
    asProcess1: { answered: false, exit: 0 },
    behindInit: { answered: false, exit: 0 },
  },
  {
    folder: "the-tutorials/resnet",
    predict: async () => ({ path: "/predict", body: await photo("file"), says: /"class_id":\d+/ }),
    uid: 0,
    asProcess1: graceful,
    behindInit: graceful,
    writes: "/root/.cache/torch/hub/checkpoints/resnet50-stand-in.pth",
  },
  {
    folder: "the-tutorials/sagemaker",
    predict: async () => ({ path: "/invocations", body: [[1, 2, 3]], says: /\{"prediction": \[4\.5\]\}/ }),
    uid: 0,
    asProcess1: ignored,
    behindInit: killedBySigterm,
  },
  {
    folder: "the-tutorials/keras",
    predict: async () => ({ path: "/predict", body: await photo("image"), says: /"class":"rather \w+"/ }),
    uid: 0,
    asProcess1: graceful,
    behindInit: graceful,
    writes: "/app/model.keras",
  },
  {
    folder: "stock-image/triton",
    predict: async () => ({
      path: "/v2/models/simple/infer",
      body: { inputs: [tensor("INPUT0", [1, 2]), tensor("INPUT1", [3, 4])] },
      says: /"OUTPUT0".*"data": \[4, 6\]/,
    }),
    uid: 0,
    asProcess1: graceful,
    behindInit: graceful,
  },
  {
    folder: "stock-image/tei",
    predict: async () => ({ path: "/embed", body: { inputs: "a cat" }, says: /^\[\[[-\d., ]+\]\]$/ }),
    uid: 0,
    asProcess1: graceful,
    behindInit: graceful,
    writes: "/data/model.safetensors",
  },
];

for (const { folder, predict, uid, asProcess1, behindInit, writes } of examples) {
  describe(`examples/${folder} under the limits of its task`, function () {
    this.timeout(180_000);
    const image = imageUnderTest(exampleFolder(folder));
    let spec: ServiceSpec;
    let container: RunningContainer | undefined;
    before(() => {
      spec = serviceSpec(stackSettings("example", {}, exampleStackFile(folder)));
    });
    afterEach(async () => {
      await container?.remove();
      container = undefined;
    });

    const start = async (...extra: string[]) => {
      container = await RunningContainer.start(image.docker, {
        spec,
        image: image.id,
        extra: [lowPortsNeedRoot, ...extra],
      });
      return container;
    };

    async function assertFate(running: RunningContainer, expected: Fate): Promise<void> {
      const { path, headers, body } = await encoded(await predict());
      const late = await LateRequest.start(running.url + path, headers, body);
      await sleep(readingMs);
      await image.docker.run(["kill", "--signal=TERM", running.id], { limitSeconds: 30 });
      await sleep(signalMs);
      const answered = (await late.finish()) === 200;
      // Only a server that is expected to ignore SIGTERM is killed: the others have their time.
      const end = expected === ignored ? ["stop", "--time=1"] : ["wait"];
      await image.docker.run([...end, running.id], { limitSeconds: spec.drain.stopSeconds });
      assert.deepEqual({ answered, exit: Number(await running.state("ExitCode")) }, expected);
    }

    it(`answers its prediction as user ${uid}${writes === undefined ? "" : ` and writes ${writes}`}`, async () => {
      const running = await start();
      const { path, headers, body, says } = await encoded(await predict());
      const response = await fetch(running.url + path, { method: "POST", headers, body });
      const text = await response.text();
      assert.equal(response.status, 200, text);
      assert.match(text, says);
      assert.match(await running.execute("cat", "/proc/1/status"), new RegExp(`^Uid:\\s+${uid}\\s`, "m"));
      if (writes !== undefined) await running.execute("test", "-s", writes);
      console.log(
        `      ready after ${running.startSeconds.toFixed(1)} s, ${(await running.memoryMiB()).toFixed(0)} MiB`,
      );
      await assertFate(running, asProcess1);
    });

    it(`behind an init process, a request under way at SIGTERM is ${behindInit.answered ? "answered" : "lost"}`, async () =>
      assertFate(await start("--init"), behindInit));
  });
}

/** A prediction as it goes over the wire. */
async function encoded({ path, body, says }: Prediction) {
  const isForm = body instanceof FormData;
  const request = new Request("http://localhost", { method: "POST", body: isForm ? body : JSON.stringify(body) });
  const type = isForm ? (request.headers.get("content-type") ?? "") : "application/json";
  return { path, says, headers: { "content-type": type }, body: Buffer.from(await request.arrayBuffer()) };
}
