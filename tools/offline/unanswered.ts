import { isAnswered, type OutputRead, onOutputRead } from "./sdk-internals";

/** Under mocks an output without an answer is undefined and silently vanishes from the inputs that use it. */
export class Unanswered {
  private readonly reads: OutputRead[] = [];

  /** Watches all resources that are declared below the stack from now on. */
  watch(): void {
    onOutputRead((read) => this.reads.push(read));
  }

  /** The outputs that the program has read and the cloud did not answer. */
  async properties(): Promise<string[]> {
    const empty = await Promise.all(
      this.reads.map(async ({ resource, property, output }) =>
        (await isAnswered(output)) ? [] : [`${resource}: ${property}`],
      ),
    );
    return [...new Set(empty.flat())];
  }
}
