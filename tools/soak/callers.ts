import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import {
  heavyPictures,
  type Mutated,
  mutatedRequest,
  type Pictures,
  seeded,
} from "../../app/test/support/mutated-requests";
import { RawClient } from "../../app/test/support/raw-client";
import { constantArrivals } from "../load/arrivals";
import { type Answer, answerLimitMs, type RequestTemplate } from "../load/requests";

/** An answer with what it says. */
export interface Said extends Answer {
  /** Of the photo. */
  readonly index: number;
  readonly body: string;
}

/** Sends requests over keep-alive connections and reads the answers. */
export class Caller {
  private readonly agent = new Agent({
    connections: 1_000,
    headersTimeout: answerLimitMs,
    bodyTimeout: answerLimitMs,
  });

  constructor(private readonly url: URL) {}

  async ask(index: number, { method, path, body }: RequestTemplate, dueMs = performance.now()): Promise<Said> {
    const request = {
      origin: this.url.origin,
      path,
      method: method as "POST",
      headers: body && { "content-type": body.type },
      body: body?.bytes,
    };
    const latencyMs = () => performance.now() - dueMs;
    try {
      const answer = await this.agent.request(request);
      const text = await answer.body.text();
      return { index, status: answer.statusCode, latencyMs: latencyMs(), body: text };
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      return { index, status: 0, latencyMs: latencyMs(), cause: code ?? name, body: "" };
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

export interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

/** Photos in turns at a constant rate. */
export const photosAt = (caller: Caller, photos: readonly RequestTemplate[], rate: Rate): Promise<Said[]> =>
  constantArrivals(rate, (at, dueMs) => {
    const index = at % photos.length;
    return caller.ask(index, photos[index] as RequestTemplate, dueMs);
  });

const refusedPauseMs = 100;

/** The answers of callers who each wait for the answer before. */
export async function photosInTurn(
  caller: Caller,
  photos: readonly RequestTemplate[],
  callers: number,
  seconds: number,
) {
  const end = performance.now() + seconds * 1000;
  let next = 0;
  const answers: Said[] = [];
  const one = async () => {
    while (performance.now() < end) {
      const index = next++ % photos.length;
      const answer = await caller.ask(index, photos[index] as RequestTemplate);
      answers.push(answer);
      // A refusal comes at once. Callers who retry at once would only measure refusals.
      if (answer.status !== 200) await sleep(refusedPauseMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, one));
  return answers;
}

export interface BadAnswer {
  readonly name: string;
  readonly status: number;
  readonly isExpected: boolean;
}

const seed = 20_240_607;

/** Mutated requests at a constant rate, the same ones in every run. */
export async function badInput(port: number, good: Buffer, rate: Rate): Promise<BadAnswer[]> {
  const pictures: Pictures = { good, heavy: await heavyPictures() };
  const random = seeded(seed);
  const answers = await constantArrivals(rate, async (index, dueMs) => {
    const request = mutatedRequest(index, pictures, random);
    const status = await statusOf(port, request);
    return {
      status,
      latencyMs: performance.now() - dueMs,
      name: request.name,
      isExpected: isExpected(request, status),
    };
  });
  return answers;
}

/** 500 only where a worker was lost during a picture that may still be one. */
const isExpected = ({ mayPass = false }: Mutated, status: number) =>
  (status >= 400 && status < 500) || status === 503 || (mayPass && [200, 500].includes(status));

async function statusOf(port: number, { bytes }: Mutated): Promise<number> {
  const client = new RawClient(port).send(bytes);
  const limit = setTimeout(() => client.socket.destroy(), answerLimitMs);
  await client.closed();
  clearTimeout(limit);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(client.received)?.[1] ?? 0);
}

const heavyRounds = 10;

/**
 * Memory rises until every thread of the decoder has had each heavy picture (app/test/slow/mutated-requests.test.ts). At the rate of bad
 * input that takes longer than a run.
 */
export async function decodeHeavyPictures(port: number): Promise<void> {
  const pictures = [...(await heavyPictures())].map(([name, bytes]) => ({ name, bytes: picturePost(bytes) }));
  for (let round = 0; round < heavyRounds; round++)
    await Promise.all(pictures.map((picture) => statusOf(port, picture)));
}

const picturePost = (picture: Buffer) =>
  Buffer.concat([
    Buffer.from(
      `POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: image/png\r\ncontent-length: ${picture.length}\r\n\r\n`,
    ),
    picture,
  ]);

const byteEveryMs = 200;

/** Sends the body of a picture a byte at a time, again and again. Returns the statuses that ended it. */
export async function slowClient(port: number, signal: AbortSignal): Promise<number[]> {
  const statuses: number[] = [];
  const head =
    "POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: image/jpeg\r\ncontent-length: 5000\r\n\r\n";
  while (!signal.aborted) {
    const client = new RawClient(port).send(head);
    const timer = setInterval(() => client.send("x"), byteEveryMs);
    const end = () => client.socket.destroy();
    signal.addEventListener("abort", end);
    await client.closed();
    signal.removeEventListener("abort", end);
    clearInterval(timer);
    if (!signal.aborted) statuses.push(Number(/^HTTP\/1\.1 (\d+)/.exec(client.received)?.[1] ?? 0));
    await sleep(100);
  }
  return statuses;
}
