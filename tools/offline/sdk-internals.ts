import * as pulumi from "@pulumi/pulumi";
import { version } from "@pulumi/pulumi/package.json";
import type { RegisterResourceRequest, RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { UserError } from "../cli/user-error";
import type { LogLine } from "./plan";

/** Everything that the offline evaluator replaces or reads inside the SDK. None of it is documented, so it holds for one version. */
export const testedVersion = "3.248.0";

export function refuseUntestedSdk(installed = version): void {
  if (installed === testedVersion) return;
  throw new UserError(
    `@pulumi/pulumi is ${installed}; tools/offline replaces internals of ${testedVersion}. Install the tested version: npm ci\n` +
      "To move to another version, set testedVersion in tools/offline/sdk-internals.ts and run\n" +
      "  npx mocha test/unit/tools/offline.test.ts test/unit/tools/offline-sdk.test.ts",
  );
}

const debuggable: {
  debuggablePromise: <T>(promise: Promise<T>) => Promise<T>;
} = require("@pulumi/pulumi/runtime/debuggable");

/**
 * For debugging, the SDK keeps every promise, four for each property of a resource, and renders a stack trace for every resource. Both
 * took more than half of the evaluation time, and a plan contains neither. Errors keep their line. Only a real engine reports a promise
 * that never settles.
 */
export async function withoutDebugging<T>(evaluation: () => Promise<T>): Promise<T> {
  const { stackTraceLimit, prepareStackTrace } = Error;
  const { debuggablePromise } = debuggable;
  const { fetch } = globalThis;
  Error.stackTraceLimit = 2;
  Error.prepareStackTrace = (error, frames) => (isOfSdk(frames) ? "" : prepareStackTrace?.(error, frames));
  debuggable.debuggablePromise = (promise) => promise;
  globalThis.fetch = offlineFetch;
  try {
    return await evaluation();
  } finally {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
    Object.assign(debuggable, { debuggablePromise });
    globalThis.fetch = fetch;
  }
}

const isOfSdk = ([top]: readonly NodeJS.CallSite[]) => top?.getFunctionName() === "callsites";

/** The offline cloud has no registries. */
const offlineFetch: typeof fetch = async () => {
  throw new Error("offline");
};

type Respond<T> = (error: Error | null, response?: T) => void;

interface Monitor {
  registerResource(request: RegisterResourceRequest, respond: Respond<RegisterResourceResponse>): Promise<void>;
}

/** Calls the listener after each registration. Only after setMocks, whose monitor it wraps. */
export function onRegistration(
  transforms: readonly pulumi.ResourceTransform[],
  listener: (request: RegisterResourceRequest, urn: string) => void,
): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request, respond) => {
    for (const transform of transforms) await transformInputs(request, transform);
    return register(request, (error, response) => {
      if (response) listener(request, response.getUrn());
      respond(error, response);
    });
  };
}

/** As the engine does, but with the inputs only. */
async function transformInputs(request: RegisterResourceRequest, transform: pulumi.ResourceTransform): Promise<void> {
  const props = request.getObject()?.toJavaScript() ?? {};
  const resource = { custom: request.getCustom(), type: request.getType(), name: request.getName() };
  const result = await transform({ ...resource, props, opts: {} });
  if (result) request.setObject(Struct.fromJavaScript(result.props));
}

export interface Callbacks {
  hook(hook: pulumi.ResourceHook): void;
  transform(transform: pulumi.ResourceTransform): void;
}

/** Keeps hooks and transforms in this process in place of the SDK's own gRPC server. Only after setMocks, which turns transforms off. */
export function onCallbacks({ hook, transform }: Callbacks): void {
  const callbacks = {
    registerResourceHook: async (given: pulumi.ResourceHook) => hook(given),
    registerStackTransform: transform,
    awaitStackRegistrations: async () => {},
    shutdown: () => {},
  };
  const { globalStore } = globalThis as unknown as { globalStore: object };
  Object.assign(globalStore, { callbacks, supportsTransforms: true });
}

const severities = { info: "info", warn: "warning", error: "error" } as const;

/** Drops the debug level, at which the SDK itself logs. */
export function onLog(listener: (line: LogLine) => void): void {
  Object.assign(pulumi.log, { debug: async () => {} });
  for (const [name, severity] of Object.entries(severities))
    Object.assign(pulumi.log, { [name]: async (message: string) => listener({ severity, message }) });
}

const watched = Symbol("watched");

interface Watched {
  readonly [watched]: {
    readonly resource: string;
    readonly outputs: Record<string, pulumi.Output<unknown> | undefined>;
  };
}

export interface OutputRead {
  readonly resource: string;
  readonly property: string;
  readonly output: pulumi.Output<unknown>;
}

/** Calls the listener whenever the program reads an output of a resource that it declares below the stack from now on. */
export function onOutputRead(listener: (read: OutputRead) => void): void {
  // One for each class: making one for each resource would take longer than declaring it.
  const prototypes = new Map<object, object>();
  pulumi.runtime.registerStackTransformation(({ resource, name, type, props }) => {
    const ofClass: object = Object.getPrototypeOf(resource);
    const prototype: object = prototypes.get(ofClass) ?? Object.create(ofClass);
    prototypes.set(ofClass, prototype);
    for (const property of Object.keys(props)) watchProperty(prototype, property, listener);
    Object.setPrototypeOf(resource, prototype);
    Object.defineProperty(resource, watched, { value: { resource: `${type} ${name}`, outputs: {} } });
    return undefined;
  });
}

/** Comes before the property that the SDK is about to set. */
function watchProperty(prototype: object, property: string, listener: (read: OutputRead) => void): void {
  if (property === "id" || property === "urn" || Object.hasOwn(prototype, property)) return;
  Object.defineProperty(prototype, property, {
    get(this: Partial<Watched>) {
      // The prototype itself has no outputs.
      const { resource = "", outputs = {} } = this[watched] ?? {};
      const output = outputs[property];
      if (output) listener({ resource, property, output });
      return output;
    },
    set(this: Watched, value: pulumi.Output<unknown>) {
      this[watched].outputs[property] = value;
    },
  });
}

/** Fields of an output that its type does not show. */
interface Resolving {
  promise(): Promise<unknown>;
  readonly isKnown: Promise<boolean>;
}

/** Whether an output has a value. */
export async function isAnswered(output: pulumi.Output<unknown>): Promise<boolean> {
  const { promise, isKnown } = output as unknown as Resolving;
  return (await isKnown) && (await promise.call(output)) !== undefined;
}
