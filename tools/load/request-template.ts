import { basename } from "node:path";
import { UserError } from "../cli/user-error";
import { contentOf, knownType, typeOf } from "./body-file";
import { shippedPhotos } from "./photos";
import type { Sent } from "./recording";
import { type Given, requestsIn } from "./request-folder";
import type { Body, RequestTemplate } from "./requests";

/** The options that describe the request. At most one of them gives its body. */
export interface AskedRequest {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string;
  readonly body?: string;
  readonly file?: string;
  readonly form?: readonly string[];
  readonly requests?: string;
}

export const bodyOptions = ["body", "file", "form", "requests"] as const;

/** The path of our own server. */
export const defaultPath = "/predict";

/** The requests to send, one after the other. Without any option they are photos for our own server. */
export async function requestTemplates(asked: AskedRequest): Promise<RequestTemplate[]> {
  if (Object.values(asked).every((value) => value === undefined)) return shippedPhotos();
  const { path = defaultPath, type, body, file, form, requests } = asked;
  const given: Given = { method: asked.method ?? (hasBody(asked) ? "POST" : "GET"), path, type };
  if (requests !== undefined) return requestsIn(requests, given);
  const { method } = given;
  if (body !== undefined) return [{ method, path, body: jsonOr(type, body) }];
  if (file !== undefined) return [{ method, path, body: { type: typeOf(file, type), bytes: contentOf(file) } }];
  if (form !== undefined) return [{ method, path, body: await multipart(form) }];
  return [{ method, path }];
}

const hasBody = (asked: AskedRequest) => bodyOptions.some((option) => asked[option] !== undefined);

const jsonOr = (type = "application/json", text: string): Body => ({ type, bytes: Buffer.from(text) });

/** Servers find a part by its name; its type is a hint. */
const anyType = "application/octet-stream";

/** Fields as curl writes them: name=value, or name=@file. */
async function multipart(fields: readonly string[]): Promise<Body> {
  const form = new FormData();
  for (const field of fields) {
    const [, name = "", isFile, value = ""] = /^([^=]+)=(@?)(.*)$/s.exec(field) ?? [];
    if (name === "") throw new UserError(`--form is ${field}; expected name=value or name=@file`);
    if (isFile === "") form.append(name, value);
    else
      form.append(
        name,
        new Blob([new Uint8Array(contentOf(value))], { type: knownType(value) ?? anyType }),
        basename(value),
      );
  }
  const encoded = new Response(form);
  return {
    type: encoded.headers.get("content-type") ?? "multipart/form-data",
    bytes: Buffer.from(await encoded.arrayBuffer()),
  };
}

/** What a report may show of the requests: no header, no body, no query. */
export function sentOf(templates: readonly RequestTemplate[], answerBytes: number): Sent {
  const [first] = templates;
  const total = templates.reduce((sum, { body }) => sum + (body?.bytes.length ?? 0), 0);
  // Without the boundary of a form.
  const type = first?.body?.type.split(";")[0];
  const [path = ""] = first?.path.split("?") ?? [];
  const bytes = Math.round(total / templates.length);
  return {
    method: first?.method ?? "",
    path,
    ...(type !== undefined && { type }),
    bytes,
    of: templates.length,
    answerBytes,
  };
}
