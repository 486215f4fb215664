import http from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

export interface Target {
  port: number;
  path: string;
  body?: { type: string; bytes: Buffer };
}

export interface Answer {
  /** 0 when the connection failed or nothing came within the limit. */
  status: number;
  /** From the moment the request was due, not from when it could be sent. */
  latencyMs: number;
  /** The Retry-After of a refusal. */
  retryAfterMs?: number;
}

export interface Loop {
  /** Answered before the end of the measurement: these make the rate. */
  inTime: Answer[];
  /** Including those still in progress at the end. */
  all: Answer[];
}

const answerLimitMs = 30_000;

/** A closed loop: each client sends its next request after an answer, or after the Retry-After of a refusal. */
export async function closedLoop(target: Target, clients: number, durationMs: number): Promise<Loop> {
  const agent = new http.Agent({ keepAlive: true });
  const all: Answer[] = [];
  const inTime: Answer[] = [];
  const end = performance.now() + durationMs;
  const client = async () => {
    while (performance.now() < end) {
      const answer = await send(target, agent, performance.now());
      all.push(answer);
      if (performance.now() <= end) inTime.push(answer);
      // A refusal comes at once; clients that retry at once would only measure refusals.
      if (answer.status !== 200) await sleep(answer.retryAfterMs ?? 50);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return { inTime, all };
}

/** An open loop: requests at a constant rate, whether or not earlier ones are answered. */
export async function openLoop(target: Target, perSecond: number, durationMs: number): Promise<Answer[]> {
  const agent = new http.Agent({ keepAlive: true });
  const arrivals = Math.round((perSecond * durationMs) / 1000);
  const start = performance.now();
  const pending: Promise<Answer>[] = [];
  for (let arrival = 0; arrival < arrivals; arrival++) {
    const due = start + (arrival * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    pending.push(send(target, agent, due));
  }
  const answers = await Promise.all(pending);
  agent.destroy();
  return answers;
}

function send({ port, path, body }: Target, agent: http.Agent, due: number): Promise<Answer> {
  return new Promise((resolve) => {
    const done = (status: number, retryAfter?: string) => {
      clearTimeout(limit);
      const retryAfterMs = retryAfter === undefined ? undefined : Number(retryAfter) * 1000;
      resolve({ status, latencyMs: performance.now() - due, retryAfterMs });
    };
    const headers = body && { "content-type": body.type, "content-length": body.bytes.length };
    const request = http.request({ host: "127.0.0.1", port, path, agent, method: body ? "POST" : "GET", headers });
    const limit = setTimeout(() => request.destroy(new Error("no answer")), answerLimitMs);
    request.on("response", (response) => {
      response.on("end", () => done(response.statusCode ?? 0, response.headers["retry-after"]));
      response.on("error", () => done(0));
      response.resume();
    });
    request.on("error", () => done(0));
    request.end(body?.bytes);
  });
}

/** A form with one picture in the field `file`, which both servers take. */
export function pictureForm(picture: Buffer): { type: string; bytes: Buffer } {
  const boundary = "a-picture-follows";
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="photo.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`;
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
