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

/**
 * Under mocks an output that nobody answers is undefined and vanishes from the inputs of whoever uses it, without a word.
 * This watches which outputs are read and names those that stayed empty.
 */
export class Unanswered {
  private readonly reads: Read[] = [];

  /** Watches all resources that are declared below the stack from now on. */
  watch(): void {
    pulumi.runtime.registerStackTransformation(({ resource, name, type, props }) => {
      for (const property of Object.keys(props)) {
        if (property !== "id" && property !== "urn") this.intercept(resource, `${type} ${name}`, property);
      }
      return undefined;
    });
  }

  /** Stands in front of the property that the SDK is about to set, on a prototype of this resource's own. */
  private intercept(resource: pulumi.Resource, label: string, property: string) {
    const { reads } = this;
    let output: pulumi.Output<unknown> | undefined;
    const prototype = Object.create(Object.getPrototypeOf(resource));
    Object.setPrototypeOf(resource, prototype);
    Object.defineProperty(prototype, property, {
      configurable: true,
      get() {
        if (output) reads.push({ resource: label, property, output });
        return output;
      },
      set(value: pulumi.Output<unknown>) {
        output = value;
      },
    });
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
