import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as provider from "@pulumi/pulumi/provider";
import { nameOf, type Properties, plainProperties, recordsIn, stringsIn, typeOf } from "./values";

/** The ECR API that images are pushed to. */
const registry = process.env.FAKE_REGISTRY;

const pushLimitMs = 60_000;

const mediaType = "application/vnd.oci.image.manifest.v1+json";

/** A manifest that differs whenever the image would: the tag contains a hash of the content. */
function manifestOf(imageTag: string, platforms: unknown, buildArgs: unknown): string {
  const digest = `sha256:${createHash("sha256")
    .update(JSON.stringify([imageTag, platforms, buildArgs]))
    .digest("hex")}`;
  return JSON.stringify({ schemaVersion: 2, mediaType, config: { digest } });
}

async function ask(action: string, request: object): Promise<{ message?: string; [field: string]: unknown }> {
  if (registry === undefined) throw new Error("FAKE_REGISTRY: not set; expected the url of an ECR API");
  const response = await fetch(registry, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AmazonEC2ContainerRegistry_V20150921.${action}`,
      authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ecr/aws4_request",
    },
    signal: AbortSignal.timeout(pushLimitMs),
    body: JSON.stringify(request),
  });
  return (await response.json()) as { message?: string };
}

async function push(repositoryName: string, imageTag: string, imageManifest: string): Promise<string> {
  const { image, message } = await ask("PutImage", {
    ...{ repositoryName, imageTag, imageManifest },
    imageManifestMediaType: mediaType,
  });
  if (image === undefined) throw new Error(`push of ${repositoryName}:${imageTag}: ${message}`);
  const { imageDigest } = (image as { imageId: { imageDigest: string } }).imageId;
  // AWS does so by itself in a repository with scanOnPush.
  await ask("StartImageScan", { repositoryName, imageId: { imageDigest } });
  return imageDigest;
}

/** Builds nothing, but pushes a manifest, so that the registry checks repository, tag and digest. */
class PushingBuilder implements provider.Provider {
  readonly version = require("@pulumi/docker-build/package.json").version;

  async check(urn: string, _olds: Properties, inputs: Properties): Promise<provider.CheckResult> {
    if (typeOf(urn) !== "docker-build:index:Image") throw new Error(`${urn}: the fake provider builds images only`);
    return { inputs, failures: [] };
  }

  async diff(_id: string, _urn: string, olds: Properties, news: Properties): Promise<provider.DiffResult> {
    const changed = Object.keys(news).filter(
      (key) => !key.startsWith("__") && !isDeepStrictEqual(olds[key], news[key]),
    );
    return { changes: changed.length > 0 };
  }

  async create(urn: string, inputs: Properties): Promise<provider.CreateResult> {
    const { tags, platforms, buildArgs, registries } = plainProperties(inputs);
    if (recordsIn(registries).every(({ password }) => typeof password !== "string")) {
      throw new Error(`${nameOf(urn)}: no basic auth credentials: the push has no registry password`);
    }
    const [repositoryUrl = "", tag = ""] = stringsIn(tags)[0]?.split(":") ?? [];
    const digest = await push(repositoryUrl.split("/").slice(1).join("/"), tag, manifestOf(tag, platforms, buildArgs));
    return { id: digest, outs: { ...inputs, digest, ref: `${repositoryUrl}@${digest}` } };
  }
}

void provider.main(new PushingBuilder(), process.argv.slice(2));
