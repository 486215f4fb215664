import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Cloud } from "./cloud";
import type { LogLine, PlannedOptions, PlannedResource } from "./plan";
import { onHook, onLog, onRegistration, refuseUntestedSdk } from "./sdk-internals";

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
  refuseUntestedSdk();
  const recording: Recording = { resources: [], logs: [], hooks: new Map(), failures: [] };
  const mocks: pulumi.runtime.Mocks = {
    newResource: noting(recording, (args) => cloud.create(args)),
    call: noting(recording, (args) => cloud.call(args)),
  };
  await pulumi.runtime.setMocks(mocks, project, stack, preview, "organization");
  pulumi.runtime.setAllConfig(config);
  onHook(({ name, callback }) => recording.hooks.set(name, callback));
  onLog((line) => recording.logs.push(line));
  onRegistration((request, urn) => recording.resources.push(planned(request, urn)));
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
