import * as pulumi from "@pulumi/pulumi";

interface Read {
  readonly resource: string;
  readonly property: string;
  readonly output: pulumi.Output<unknown>;
}

/** The SDK keeps these to itself; an output of a resource has them. */
interface Resolving {
  promise(): Promise<unknown>;
  readonly isKnown: Promise<boolean>;
}

const watched = Symbol("watched");

interface Watched {
  readonly [watched]: {
    readonly resource: string;
    readonly outputs: Record<string, pulumi.Output<unknown> | undefined>;
  };
}

/**
 * Under mocks an output that nobody answers is undefined and vanishes from the inputs of whoever uses it, without a word.
 * This watches which outputs are read and names those that stayed empty.
 */
export class Unanswered {
  private readonly reads: Read[] = [];
  /** By that of the class: making one for each resource would take longer than declaring it. */
  private readonly watching = new Map<object, object>();

  /** Watches all resources that are declared below the stack from now on. */
  watch(): void {
    pulumi.runtime.registerStackTransformation(({ resource, name, type, props }) => {
      const prototype = this.watchingPrototype(Object.getPrototypeOf(resource), Object.keys(props));
      Object.setPrototypeOf(resource, prototype);
      Object.defineProperty(resource, watched, { value: { resource: `${type} ${name}`, outputs: {} } });
      return undefined;
    });
  }

  /** It stands in front of the properties that the SDK is about to set. */
  private watchingPrototype(ofClass: object, properties: readonly string[]): object {
    const { reads } = this;
    const prototype: object = this.watching.get(ofClass) ?? Object.create(ofClass);
    this.watching.set(ofClass, prototype);
    for (const property of properties) {
      if (property === "id" || property === "urn" || Object.hasOwn(prototype, property)) continue;
      Object.defineProperty(prototype, property, {
        get(this: Partial<Watched>) {
          // The prototype itself has none.
          const { resource = "", outputs = {} } = this[watched] ?? {};
          const output = outputs[property];
          if (output) reads.push({ resource, property, output });
          return output;
        },
        set(this: Watched, value: pulumi.Output<unknown>) {
          this[watched].outputs[property] = value;
        },
      });
    }
    return prototype;
  }

  async properties(): Promise<string[]> {
    const empty = await Promise.all(
      this.reads.map(async ({ resource, property, output }) => {
        const { promise, isKnown } = output as unknown as Resolving;
        const answered = (await isKnown) && (await promise.call(output)) !== undefined;
        return answered ? [] : [`${resource}: ${property}`];
      }),
    );
    return [...new Set(empty.flat())];
  }
}
