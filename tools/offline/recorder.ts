import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest, RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb";
import type { Cloud } from "./cloud";
import type { LogLine, PlannedOptions, PlannedResource } from "./plan";

type Respond<T> = (error: Error | null, response?: T) => void;

/** The part of the SDK's mock monitor that the recorder listens in on. */
interface Monitor {
  registerResource(request: RegisterResourceRequest, respond: Respond<RegisterResourceResponse>): Promise<void>;
}

export interface Recording {
  readonly resources: PlannedResource[];
  readonly logs: LogLine[];
  readonly hooks: Map<string, pulumi.ResourceHookFunction>;
  /** What the cloud could not answer. The SDK tells the program nothing of it. */
  readonly failures: unknown[];
}

export interface RecordedProgram {
  readonly cloud: Cloud;
  readonly project: string;
  readonly stack: string;
  readonly config: Record<string, string>;
  /** A preview awaits nothing that runs; what a real run awaits is answered by the cloud. */
  readonly preview: boolean;
}

/** Points the SDK at the offline cloud. All that is declared from now on is recorded, until the SDK is disconnected. */
export async function record({ cloud, project, stack, config, preview }: RecordedProgram): Promise<Recording> {
  const recording: Recording = { resources: [], logs: [], hooks: new Map(), failures: [] };
  const mocks: pulumi.runtime.Mocks = {
    newResource: noting(recording, (args) => cloud.create(args)),
    call: noting(recording, (args) => cloud.call(args)),
  };
  await pulumi.runtime.setMocks(mocks, project, stack, preview, "organization");
  pulumi.runtime.setAllConfig(config);
  recordHooks(recording);
  recordLogs(recording);
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, respond) =>
    register(request, (error, response) => {
      if (response) recording.resources.push(planned(request, response.getUrn()));
      respond(error, response);
    });
  return recording;
}

function noting<A, R>({ failures }: Recording, answer: (args: A) => R) {
  return (args: A): R => {
    try {
      return answer(args);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
}

/** Hooks run in the program's process: kept here instead of behind the SDK's own gRPC server. */
function recordHooks({ hooks }: Recording) {
  const callbacks = {
    registerResourceHook: async (hook: pulumi.ResourceHook) => void hooks.set(hook.name, hook.callback),
    awaitStackRegistrations: async () => {},
    shutdown: () => {},
  };
  Object.assign((globalThis as unknown as { globalStore: object }).globalStore, { callbacks });
}

/** The SDK's own chatter is at debug level: dropped. */
const severities = { info: "info", warn: "warning", error: "error" } as const;

function recordLogs({ logs }: Recording) {
  Object.assign(pulumi.log, { debug: async () => {} });
  for (const [name, severity] of Object.entries(severities)) {
    Object.assign(pulumi.log, { [name]: async (message: string) => void logs.push({ severity, message }) });
  }
}

function planned(request: RegisterResourceRequest, urn: string): PlannedResource {
  const object = request.getObject();
  const raw: Record<string, unknown> = object ? pulumi.runtime.deserializeProperties(object) : {};
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    parent: request.getParent(),
    custom: request.getCustom(),
    provider: request.getProvider(),
    inputs: Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, withoutSecrets(value)])),
    secretInputs: Object.entries(raw).flatMap(([key, value]) => (holdsSecret(value) ? [key] : [])),
    dependencies: request.getDependenciesList(),
    options: plannedOptions(request),
  };
}

function plannedOptions(request: RegisterResourceRequest): PlannedOptions {
  const { beforeCreateList, afterCreateList, beforeUpdateList, afterUpdateList } = request.getHooks()?.toObject() ?? {};
  const timeouts = request.getCustomtimeouts()?.toObject();
  const hooks = Object.entries({
    beforeCreate: beforeCreateList,
    afterCreate: afterCreateList,
    beforeUpdate: beforeUpdateList,
    afterUpdate: afterUpdateList,
  }).flatMap(([moment, names]) => (names?.length ? [[moment, names] as const] : []));
  return {
    version: request.getVersion(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    ignoreChanges: request.getIgnorechangesList(),
    replaceWith: request.getReplaceWithList(),
    replacementTrigger: known(request.getReplacementTrigger()?.toJavaScript()),
    aliases: request.getAliasesList().map((alias) => alias.getUrn()),
    hooks: Object.fromEntries(hooks),
    customTimeouts: { create: timeouts?.create, update: timeouts?.update, delete: timeouts?.pb_delete },
  };
}

/** In a preview the trigger comes in an envelope that says whether its value is known. */
const known = (trigger: unknown) => (isObject(trigger) && "value" in trigger ? trigger.value : trigger);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function holdsSecret(value: unknown): boolean {
  return pulumi.runtime.isRpcSecret(value) || (isObject(value) && Object.values(value).some(holdsSecret));
}

function withoutSecrets(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return withoutSecrets(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutSecrets(part)]));
}
