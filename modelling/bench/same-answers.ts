import { FatalError } from "../../app/src/fatal-error";
import type { Target } from "./load";
import type { Running } from "./servers";

interface Prediction {
  class_id: number;
  confidence: number;
}

/** Speeds only compare between servers that answer alike: same class, and nearly the same confidence. */
export async function assertSameAnswers(servers: Running[], form: NonNullable<Target["body"]>): Promise<void> {
  const answers = await Promise.all(servers.map(async ({ name, port }) => ({ name, best: await ask(port, form) })));
  const [first] = answers;
  for (const { name, best } of answers) {
    if (first === undefined || isNear(best, first.best)) continue;
    const told = answers.map((each) => `${each.name} ${JSON.stringify(each.best)}`).join(", ");
    throw new FatalError(`${name} and ${first.name} answer differently: ${told}`);
  }
}

const isNear = (one: Prediction, other: Prediction) =>
  one.class_id === other.class_id && Math.abs(one.confidence - other.confidence) < 0.1;

async function ask(port: number, { type, bytes }: NonNullable<Target["body"]>): Promise<Prediction> {
  const response = await fetch(`http://127.0.0.1:${port}/predict`, {
    method: "POST",
    headers: { "content-type": type },
    body: new Uint8Array(bytes),
    signal: AbortSignal.timeout(30_000),
  });
  const { predictions } = (await response.json()) as { predictions?: Prediction[] };
  const best = predictions?.[0];
  if (best === undefined) throw new FatalError(`port ${port} answered ${response.status} without a prediction`);
  return best;
}
