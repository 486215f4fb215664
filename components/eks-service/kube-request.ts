import { request as plain } from "node:http";
import { request as encrypted } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import type { ClusterAccess } from "./kubeconfig";

/** JSON is YAML. */
export type Patch = "merge-patch+json" | "apply-patch+yaml";

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly patch?: Patch;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Pause = () => Promise<unknown>;

export const betweenTries: Pause = () => sleep(2000);
const limitMs = 20_000;

export interface Asking<T> {
  readonly subject: string;
  readonly pause: Pause;
  /** What it means that there is no answer to read. */
  readonly verdict?: string;
  readonly tries?: number;
  /** Undefined for an answer that is a refusal. */
  readonly read?: (answer: Answer) => T | undefined;
}

const bodyOf = ({ status, text }: Answer) => (status < 300 ? JSON.parse(text) : undefined);

const countsAsFailed = "Could not query the cluster, so the deployment is treated as failed";

/** Retries: every request is idempotent, and one with a version reads again what it patches. */
export async function answered<T>(
  send: () => Promise<Answer>,
  { subject, pause, verdict = countsAsFailed, tries = 5, read = bodyOf }: Asking<T>,
): Promise<T> {
  let reason = "";
  for (let left = tries; left > 0; left--) {
    try {
      const answer = await send();
      const found = read(answer);
      if (found !== undefined) return found;
      const { status, text } = answer;
      reason = `${status} ${messageOf(text)}`;
      if (status !== 409 && status !== 429 && status < 500) break;
    } catch (error) {
      reason = reasonOf(error);
    }
    if (left > 1) await pause();
  }
  throw deploymentError(`${verdict}: ${subject}: ${reason}`);
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message ?? text;
  } catch {
    return text.trim();
  }
}

export async function sendOnce(
  { server, credentials, ...tls }: ClusterAccess,
  { method, path, body, patch }: Sent,
): Promise<Answer> {
  const { token, ...certificate } = await credentials();
  const headers = {
    accept: "application/json",
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": `application/${patch}` }),
  };
  const request = server.startsWith("https:") ? encrypted : plain;
  return new Promise((resolve, reject) => {
    const call = request(
      `${server}${path}`,
      { method, headers, timeout: limitMs, ...tls, ...certificate },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer after ${limitMs / 1000} s`)));
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
