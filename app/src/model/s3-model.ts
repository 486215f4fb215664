import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { FatalError } from "../fatal-error";
import { type ModelFile, manifestFileName, parseManifest, type RunPrecision } from "./manifest";
import { chooseFile, neededFiles, type Place, sha256Of } from "./model-files";

/** Failed attempts in a row without a new byte. A slow download may take as long as it needs. */
const fruitlessAttempts = 5;
const firstPauseMs = 100;
const silenceLimitMs = 20_000;

interface Address {
  bucket: string;
  /** Ends with a slash unless it is empty. */
  prefix: string;
  onnxFile?: string;
  /** Pins the object the URI names: the .onnx file, or else the folder's manifest. Checksums pin the rest. */
  versionId?: string;
}

interface S3Object {
  bucket: string;
  key: string;
  versionId?: string;
}

/** Downloads a model folder, with only the file of weights that will run. */
export async function downloadModel(uri: string, precision: RunPrecision | undefined): Promise<Place> {
  const { bucket, prefix, onnxFile, versionId } = parseAddress(uri);
  const folder = path.join(tmpdir(), `model-${createHash("sha256").update(uri).digest("hex").slice(0, 16)}`);
  await mkdir(folder, { recursive: true });
  const client = createClient();
  const object = (file: string): S3Object => ({
    bucket,
    key: prefix + file,
    versionId: file === (onnxFile ?? manifestFileName) ? versionId : undefined,
  });
  const text = await readObject(client, object(manifestFileName));
  const manifest = parseManifest(text, nameOf(object(manifestFileName)));
  await writeFile(path.join(folder, manifestFileName), text);
  const { file } = chooseFile(uri, manifest, onnxFile, precision);
  for (const needed of neededFiles(manifest, file)) await fetchFile(client, object(needed.file), folder, needed);
  client.destroy();
  return { folder, onnxFile };
}

export function parseAddress(uri: string): Address {
  const [, bucket, key, versionId] =
    /^s3:\/\/([a-z0-9.-]{3,63})(?:\/([^?]*))?(?:\?versionId=([^&]+))?$/.exec(uri) ?? [];
  if (!bucket)
    throw new FatalError(`MODEL_URI is "${uri}"; expected s3://bucket/prefix, optionally with ?versionId=...`);
  const pinned = versionId && { versionId: decodeURIComponent(versionId) };
  const parts = (key ?? "").split("/").filter((part) => part !== "");
  const onnxFile = parts.at(-1)?.endsWith(".onnx") ? parts.pop() : undefined;
  return { bucket, prefix: parts.map((part) => `${part}/`).join(""), onnxFile, ...pinned };
}

function createClient(): S3Client {
  // The bucket may be in another region; S3 then names it and the client follows.
  return new S3Client({
    region: process.env.AWS_REGION ?? "us-east-1",
    followRegionRedirects: true,
    // The retries here resume where the last attempt stopped, which the client's own cannot.
    maxAttempts: 1,
    // The manifest's sha256 is the check that counts; S3's own cannot cover a resumed part.
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 5000, socketTimeout: silenceLimitMs },
  });
}

async function readObject(client: S3Client, object: S3Object): Promise<string> {
  return retry(object, async () => {
    const { Body } = await client.send(command(object));
    return (await Body?.transformToString()) ?? "";
  });
}

async function fetchFile(
  client: S3Client,
  object: S3Object,
  folder: string,
  { file, sha256 }: ModelFile,
): Promise<void> {
  const target = path.join(folder, file);
  if ((await sizeOf(target)) > 0 && (await sha256Of(target)) === sha256) return;
  const part = `${target}.part`;
  const leftover = (await sizeOf(part)) > 0;
  await download(client, object, part);
  if (leftover && (await sha256Of(part)) !== sha256) {
    // The part that an earlier run left may be of another version.
    await rm(part);
    await download(client, object, part);
  }
  const actual = await sha256Of(part);
  if (actual !== sha256) {
    await rm(part);
    throw new FatalError(
      `${nameOf(object)} has sha256 ${actual}; its manifest states ${sha256}: the file and the manifest do not belong together`,
    );
  }
  await rename(part, target);
}

function download(client: S3Client, object: S3Object, part: string): Promise<void> {
  const attempt = async () => {
    const { Body } = await client.send(command(object, await sizeOf(part))).catch(nothingLeft);
    if (Body) await pipeline(Body as Readable, createWriteStream(part, { flags: "a" }));
  };
  return retry(object, attempt, () => sizeOf(part));
}

/** S3 refuses a range after the last byte. The checksum then decides whether the file is complete. */
function nothingLeft(error: Error): { Body?: undefined } {
  if (error.name === "InvalidRange") return {};
  throw error;
}

async function retry<T>(object: S3Object, attempt: () => Promise<T>, reached = async () => 0): Promise<T> {
  let fruitless = 0;
  for (;;) {
    const before = await reached();
    try {
      return await attempt();
    } catch (error) {
      fruitless = (await reached()) > before ? 0 : fruitless + 1;
      if (isFinal(error) || fruitless === fruitlessAttempts) {
        throw new FatalError(`${nameOf(object)} cannot be read: ${explain(error)}`);
      }
      await sleep(firstPauseMs * 2 ** fruitless);
    }
  }
}

function command({ bucket, key, versionId }: S3Object, fromByte = 0): GetObjectCommand {
  const range = fromByte > 0 ? { Range: `bytes=${fromByte}-` } : {};
  return new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, ...range });
}

/** Retrying does not help against a refusal (4xx); timeouts, throttling and errors of S3 itself pass. */
function isFinal(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function explain(error: unknown): string {
  const { name, message } = error as Error;
  if (name === "NoSuchKey" || name === "NoSuchVersion") return "there is no such object";
  if (name === "NoSuchBucket") return "there is no such bucket";
  if (name === "AccessDenied")
    return `access denied: the role lacks s3:GetObject, or the object does not exist and the role lacks s3:ListBucket (${message})`;
  return `${name}: ${message}`;
}

const nameOf = ({ bucket, key, versionId }: S3Object) =>
  `s3://${bucket}/${key}${versionId ? ` (version ${versionId})` : ""}`;

const sizeOf = (file: string) =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
