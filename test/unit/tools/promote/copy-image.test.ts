import assert from "node:assert/strict";
import { registryClient } from "../../../../components/aws/registry-client";
import { copyImage, type Repository } from "../../../../tools/promote/copy-image";
import { ImageRegistry, imageIndex, sha256 } from "../../../support/image-registry";

const tag = "release-2026-11-29-0123456789ab";

describe("copyImage", () => {
  let dev: ImageRegistry;
  let prod: ImageRegistry;
  const authorization = "Basic cHJvZA==";

  beforeEach(async () => {
    dev = await ImageRegistry.start();
    prod = await ImageRegistry.start(authorization);
  });
  afterEach(() => {
    dev.stop();
    prod.stop();
  });

  const limit = () => AbortSignal.timeout(60_000);
  const from = (): Repository => ({ name: "dev/model", send: registryClient({ url: dev.url }, limit()) });
  const to = (): Repository => ({ name: "model", send: registryClient({ url: prod.url, authorization }, limit()) });

  it("copies an image with its layers under the same digest and the tag", async () => {
    const digest = dev.seed("dev/model", "weights");
    assert.deepEqual(await copyImage(from(), to(), { digest, tag }), { isNew: true });
    const copied = prod.manifests.get(`model:${tag}`);
    assert.equal(copied && sha256(copied.bytes), digest);
    assert.ok(prod.blobs.has(`model@${sha256("weights")}`));
  });

  it("copies an index with all its images, byte for byte", async () => {
    const manifests = [dev.seed("dev/model", "intel"), dev.seed("dev/model", "arm")].map((digest) => ({ digest }));
    const digest = dev.seedManifest("dev/model", { mediaType: imageIndex, manifests });
    await copyImage(from(), to(), { digest, tag });
    const copied = prod.manifests.get(`model:${tag}`);
    assert.deepEqual([copied && sha256(copied.bytes), copied?.type], [digest, imageIndex]);
    for (const child of manifests) assert.ok(prod.manifests.has(`model@${child.digest}`));
  });

  it("copies nothing when the tag already names the image", async () => {
    const digest = dev.seed("dev/model", "weights");
    await copyImage(from(), to(), { digest, tag });
    prod.requests.length = 0;
    assert.deepEqual(await copyImage(from(), to(), { digest, tag }), { isNew: false });
    assert.deepEqual(prod.requests, [`HEAD /v2/model/manifests/${tag}`]);
  });

  it("skips layers that the repository has", async () => {
    await copyImage(from(), to(), { digest: dev.seed("dev/model", "weights"), tag });
    const digest = dev.seed("dev/model", "weights");
    prod.requests.length = 0;
    await copyImage(from(), to(), { digest, tag: "release-2026-11-30-0123456789ab" });
    assert.deepEqual(
      prod.requests.filter((call) => !/^(HEAD|PUT \/v2\/model\/manifests\/)/.test(call)),
      [],
    );
  });

  it("refuses an image whose bytes have another digest", async () => {
    const digest = dev.seed("dev/model", "weights");
    const kept = dev.manifests.get(`dev/model@${digest}`);
    assert.ok(kept);
    dev.manifests.set(`dev/model@${digest}`, { ...kept, bytes: Buffer.from("{}") });
    await assert.rejects(
      copyImage(from(), to(), { digest, tag }),
      /dev\/model@sha256:[0-9a-f]{64}: the registry sent an image of digest sha256:44136fa/,
    );
    assert.equal(prod.manifests.size, 0);
  });

  it("names the registry that refuses", () =>
    assert.rejects(
      copyImage(from(), to(), { digest: `sha256:${"0".repeat(64)}`, tag }),
      new RegExp(`^Error: ${dev.host} answered 404$`),
    ));
});
