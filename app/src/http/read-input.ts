import type { FastifyRequest } from "fastify";
import { errors } from "../errors";
import { pictureOfForm } from "./form";

/** The content types that a model accepts, for error messages. */
export const typesExpected = {
  image: 'multipart/form-data with a file, image/*, or application/json {"image": "<base64>"}',
  tensor: 'application/json {"features": [...]}',
} as const;

/** The picture in a request: a multipart field `file` or `image`, the raw body, or base64 in JSON. */
export async function readPicture(request: FastifyRequest): Promise<Buffer> {
  const { body } = request;
  const picture = Buffer.isBuffer(body) ? await readBytes(body, request) : readBase64(request);
  if (picture.length === 0) throw errors.badInput("the picture is empty; send the bytes of an image file");
  return picture;
}

async function readBytes(body: Buffer, request: FastifyRequest): Promise<Buffer> {
  const type = request.headers["content-type"] ?? "";
  if (!type.toLowerCase().startsWith("multipart/")) return body;
  const picture = await pictureOfForm(body, type);
  if (!picture) throw errors.badInput('the form has no file; expected one in the field "file" or "image"');
  return picture;
}

function readBase64({ body, headers }: FastifyRequest): Buffer {
  if (body === undefined) throw errors.unsupportedType(headers["content-type"] ?? "missing", typesExpected.image);
  const image = field(body, "image");
  if (Buffer.isBuffer(image)) return image;
  if (typeof image !== "string") throw errors.badInput('the JSON has no "image"; expected {"image": "<base64>"}');
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(image)) throw errors.badInput('"image" is not base64');
  return Buffer.from(image, "base64");
}

export function readFeatures(request: FastifyRequest, count: number): number[] {
  if (Buffer.isBuffer(request.body) || request.body === undefined) {
    throw errors.unsupportedType(request.headers["content-type"] ?? "missing", typesExpected.tensor);
  }
  const features = field(request.body, "features");
  if (!Array.isArray(features) || features.length !== count || !features.every(Number.isFinite)) {
    throw errors.badInput(`"features" is invalid; expected an array of ${count} numbers`);
  }
  return features;
}

function field(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

/** The number of classes in the answer: ?top=k, 5 by default. */
export function readTop(request: FastifyRequest, classes: number): number {
  const { top } = request.query as { top?: unknown };
  if (top === undefined) return Math.min(5, classes);
  const wanted = typeof top === "string" && /^\d{1,6}$/.test(top) ? Number(top) : 0;
  if (wanted < 1 || wanted > classes) {
    throw errors.badInput(`top is ${JSON.stringify(top)}; expected a whole number from 1 to ${classes}`);
  }
  return wanted;
}
