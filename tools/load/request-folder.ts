import { readdirSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../../components/core/reason";
import { isRecord } from "../../components/settings/schema";
import { UserError } from "../cli/user-error";
import { contentOf, typeOf } from "./body-file";
import type { RequestTemplate } from "./requests";

/** What a file does not say itself. */
export interface Given {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
}

/** A file of this ending describes a whole request. Every other file is a body. */
const wholeRequest = ".request.json";

/** The requests of a folder, in the order of the files' names. */
export function requestsIn(folder: string, given: Given): RequestTemplate[] {
  const templates = filesIn(folder).map((file) =>
    file.endsWith(wholeRequest) ? described(file, given) : bodyFrom(file, given),
  );
  if (templates.length > 0) return templates;
  throw new UserError(`--requests is ${folder}, which has no files; expected one file for each request`);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map(({ name }) => join(folder, name))
      .sort();
  } catch (error) {
    throw new UserError(`--requests is ${folder}: ${reasonOf(error)}`);
  }
}

const bodyFrom = (file: string, { method, path, type }: Given): RequestTemplate => ({
  method,
  path,
  body: { type: typeOf(file, type), bytes: contentOf(file) },
});

const fields = ["method", "path", "headers", "body"];

/** {"method": "POST", "path": "/v1/predict", "headers": {"x-user": "7"}, "body": {"x": [1, 2]}}; each may be left out. */
function described(file: string, given: Given): RequestTemplate {
  const value = parsed(file);
  const refuse = (problem: string) => new UserError(`${file}: ${problem}`);
  if (!isRecord(value)) throw refuse(`expected an object with ${fields.join(", ")}`);
  const unknown = Object.keys(value).find((key) => !fields.includes(key));
  if (unknown !== undefined) throw refuse(`unknown field ${unknown}; expected ${fields.join(", ")}`);
  const { method = "body" in value ? given.method : "GET", path = given.path, headers = {}, body } = value;
  if (typeof method !== "string" || !/^[A-Z]+$/.test(method)) throw refuse("method: expected one such as POST");
  if (typeof path !== "string" || !path.startsWith("/")) throw refuse("path: expected one such as /v1/predict");
  if (!isRecord(headers) || !Object.values(headers).every((one) => typeof one === "string"))
    throw refuse("headers: expected names with text");
  if (body === undefined) return { method, path, headers: headers as Record<string, string> };
  const { type = given.type ?? "application/json", others } = withoutType(headers as Record<string, string>);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method, path, headers: others, body: { type, bytes: Buffer.from(text) } };
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(contentOf(file).toString("utf8"));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: ${reasonOf(error)}`);
  }
}

/** The type of a body is sent once, whether an option or a header gives it. */
export function withoutType(headers: Readonly<Record<string, string>>) {
  const isType = (name: string) => name.toLowerCase() === "content-type";
  const entries = Object.entries(headers);
  const [, type] = entries.find(([name]) => isType(name)) ?? [];
  return { type, others: Object.fromEntries(entries.filter(([name]) => !isType(name))) };
}
