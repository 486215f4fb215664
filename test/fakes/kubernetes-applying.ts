import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import * as provider from "@pulumi/pulumi/provider";
import { type Answer, KubernetesClient, type KubernetesObject } from "./kubernetes-client";
import { isRecord, nameOf, type Properties, plainProperties } from "./values";

const manager = "pulumi-fake";
const limitMs = 90_000;
const pollMs = 200;

const metadataOf = (inputs: unknown): Properties =>
  isRecord(inputs) && isRecord(inputs.metadata) ? inputs.metadata : {};
const objectOf = (inputs: Properties) => plainProperties(inputs) as unknown as KubernetesObject;
const idOf = ({ metadata: { namespace, name } }: KubernetesObject) => (namespace ? `${namespace}/${name}` : name);

/** The provider waits for every object without this annotation, on creation and deletion. */
const isAwaited = (object: KubernetesObject) => annotationOf(object, "pulumi.com/skipAwait") !== "true";

const annotationOf = ({ metadata }: KubernetesObject, key: string) =>
  (metadata as { annotations?: Readonly<Record<string, string>> }).annotations?.[key];

/** Applies objects to a real API server like the published provider, but refuses fields that the API does not know. */
class Applier implements provider.Provider {
  readonly version = require("@pulumi/kubernetes/package.json").version;
  private readonly client: KubernetesClient;

  constructor() {
    const path = process.env.FAKE_KUBECONFIG;
    if (path === undefined) throw new Error("FAKE_KUBECONFIG: not set; expected the path of a kubeconfig");
    this.client = KubernetesClient.fromFile(path);
  }

  async check(urn: string, olds: Properties, inputs: Properties): Promise<provider.CheckResult> {
    const given = metadataOf(plainProperties(inputs));
    if (given.name !== undefined) return { inputs, failures: [] };
    const name = metadataOf(plainProperties(olds)).name ?? `${nameOf(urn)}-${randomBytes(4).toString("hex")}`;
    const annotations = { ...(given.annotations as Properties), "pulumi.com/autonamed": "true" };
    return { inputs: { ...inputs, metadata: { ...given, name, annotations } }, failures: [] };
  }

  async diff(_id: string, _urn: string, olds: Properties, news: Properties): Promise<provider.DiffResult> {
    const [before, after] = [plainProperties(olds.__inputs as Properties), plainProperties(news)];
    const identity = ({ apiVersion, kind, metadata }: Properties) => {
      const { namespace, name } = metadata as Properties;
      return [apiVersion, kind, namespace, name];
    };
    const replaces = isDeepStrictEqual(identity(before), identity(after)) ? [] : ["metadata"];
    const isNamedByProgram =
      !isRecord(metadataOf(after).annotations) ||
      (metadataOf(after).annotations as Properties)["pulumi.com/autonamed"] !== "true";
    return {
      changes: !isDeepStrictEqual(before, after),
      replaces,
      deleteBeforeReplace: replaces.length > 0 && isNamedByProgram,
    };
  }

  async create(_urn: string, inputs: Properties): Promise<provider.CreateResult> {
    const outs = await this.applied(objectOf(inputs), inputs);
    return { id: idOf(objectOf(inputs)), outs };
  }

  async update(_id: string, _urn: string, olds: Properties, news: Properties): Promise<provider.UpdateResult> {
    return { outs: await this.applied(objectOf(news), news, objectOf(olds.__inputs as Properties)) };
  }

  async read(id: string, _urn: string, state: Properties = {}): Promise<provider.ReadResult> {
    const inputs = state.__inputs as Properties;
    const { status, body } = await this.client.send("GET", await this.client.pathOf(objectOf(inputs)));
    if (status === 404) return {};
    const live = liveOf(inputs, body) as Properties;
    return { id, props: stateOf(body, live), inputs: live };
  }

  async delete(id: string, _urn: string, state: Properties): Promise<void> {
    const object = objectOf(state.__inputs as Properties);
    const path = await this.client.pathOf(object);
    const { status, body } = await this.client.send("DELETE", path);
    if (status >= 400 && status !== 404) throw new Error(`${id}: ${body.message}`);
    if (!isAwaited(object)) return;
    for (const end = Date.now() + limitMs; Date.now() < end; await sleep(pollMs)) {
      if ((await this.client.send("GET", path)).status === 404) return;
    }
    throw new Error(`${id} is still being deleted after ${limitMs / 1000} s`);
  }

  private async applied(object: KubernetesObject, inputs: Properties, before?: KubernetesObject): Promise<Properties> {
    if (object.kind === "Deployment" && isAwaited(object))
      throw new Error(`${idOf(object)}: this provider does not wait for rollouts; expected the skipAwait annotation`);
    const isForced = annotationOf(object, "pulumi.com/patchForce") === "true";
    let answer = await this.client.apply(object, manager, isForced);
    if (answer.status === 409) answer = await this.client.apply(withoutOthers(object, before, answer), manager);
    if (answer.status >= 400) throw new Error(`${idOf(object)}: ${answer.body.message}`);
    return stateOf(answer.body, inputs);
  }
}

function stateOf(live: Answer["body"], inputs: Properties): Properties {
  const { managedFields, ...metadata } = live.metadata as Properties;
  return { ...live, metadata, __inputs: inputs };
}

/** The live values of what the program gives, as the provider reads them (provider.go, pruneLiveState). */
function liveOf(given: unknown, live: unknown): unknown {
  if (Array.isArray(given) && Array.isArray(live))
    return live.map((one, index) => (index < given.length ? liveOf(given[index], one) : one));
  if (!isRecord(given) || !isRecord(live)) return live ?? given;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, liveOf(value, live[key])]));
}

/** Leaves the replicas to scaling, as the provider does with ignoreChanges; any other field conflict is an error. */
function withoutOthers(object: KubernetesObject, before: KubernetesObject | undefined, { body }: Answer) {
  const { causes = [] } = (body.details ?? {}) as { causes?: { field: string }[] };
  const [now, then] = [object, before].map((one) => one as unknown as { spec?: Properties } | undefined);
  const isReplicasAlone = causes.every(({ field }) => field === ".spec.replicas");
  if (!isReplicasAlone || now?.spec?.replicas !== then?.spec?.replicas) throw new Error(String(body.message));
  const { replicas, ...spec } = now?.spec ?? {};
  return { ...object, spec };
}

void provider.main(new Applier(), process.argv.slice(2));
