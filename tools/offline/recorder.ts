import * as pulumi from "@pulumi/pulumi";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Cloud } from "./cloud";
import type { LogLine, PlannedAlias, PlannedCall, PlannedOptions, PlannedResource } from "./plan";
import { onCallbacks, onLog, onRegistration, refuseUntestedSdk } from "./sdk-internals";

export interface Recording {
  readonly resources: PlannedResource[];
  readonly calls: PlannedCall[];
  readonly logs: LogLine[];
  readonly hooks: Map<string, pulumi.ResourceHookFunction>;
  /** Errors of the offline cloud. The SDK does not pass them to the program. */
  readonly failures: unknown[];
}

export interface RecordedProgram {
  readonly cloud: Cloud;
  readonly project: string;
  readonly stack: string;
  readonly config: Record<string, string>;
  /** False runs the program as pulumi up does: the cloud answers what it awaits. */
  readonly preview: boolean;
}

/** Points the SDK at the offline cloud and records all declarations until the SDK disconnects. */
export async function record({ cloud, project, stack, config, preview }: RecordedProgram): Promise<Recording> {
  refuseUntestedSdk();
  const recording: Recording = { resources: [], calls: [], logs: [], hooks: new Map(), failures: [] };
  const mocks: pulumi.runtime.Mocks = {
    newResource: noting(recording, (args) => cloud.create(args)),
    call: noting(recording, (args) => {
      recording.calls.push({ token: args.token, inputs: args.inputs });
      return cloud.call(args);
    }),
  };
  await pulumi.runtime.setMocks(mocks, project, stack, preview, "organization");
  pulumi.runtime.setAllConfig(config);
  const transforms: pulumi.ResourceTransform[] = [];
  onCallbacks({
    hook: ({ name, callback }) => recording.hooks.set(name, callback),
    transform: (transform) => transforms.push(transform),
  });
  onLog((line) => recording.logs.push(line));
  onRegistration(transforms, (request, urn) => recording.resources.push(planned(request, urn)));
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
    inputDependencies: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([key, found]) => [key, found.getUrnsList()]),
    ),
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
    replaceOnChanges: request.getReplaceonchangesList(),
    replaceWith: request.getReplaceWithList(),
    replacementTrigger: known(request.getReplacementTrigger()?.toJavaScript()),
    aliases: request.getAliasesList().map(plannedAlias),
    hooks: Object.fromEntries(hooks),
    customTimeouts: { create: timeouts?.create, update: timeouts?.update, delete: timeouts?.pb_delete },
  };
}

function plannedAlias(alias: Alias): PlannedAlias {
  const spec = alias.getSpec();
  return {
    urn: alias.getUrn(),
    name: spec?.getName() ?? "",
    type: spec?.getType() ?? "",
    parent: spec?.getParenturn() ?? "",
    noParent: spec?.getNoparent() ?? false,
  };
}

/** In a preview the trigger is an object with its value and whether that is known. */
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
