import { isDeepStrictEqual } from "node:util";
import type { Autoscaler } from "../../../components/eks-service/in-cluster/minimum";
import type { Call, Reply } from "./script-in-cluster";

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** RFC 7386. */
function merged(before: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Tree = isTree(before) ? { ...before } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** An autoscaler as an API server stores it: a patch with an old version is a conflict, and the minimum is at most the maximum. */
export class StoredAutoscaler {
  live: Autoscaler;
  /** Runs between a reading and the patch that follows from it. */
  meanwhile?: () => void;
  private version = 1;

  constructor(min: number, max: number, annotations: Readonly<Record<string, string>> = {}) {
    this.live = { metadata: { annotations, resourceVersion: "1" }, spec: { minReplicas: min, maxReplicas: max } };
  }

  get bounds(): string {
    return `${this.live.spec.minReplicas}..${this.live.spec.maxReplicas}`;
  }

  /** As somebody changes it who knows of no note. */
  change(patch: object): void {
    const { metadata, spec } = merged(this.live, patch) as Autoscaler;
    this.live = { metadata: { ...metadata, resourceVersion: String(++this.version) }, spec };
  }

  answer({ method, body }: Pick<Call, "method" | "body">): Reply {
    if (method === "GET") {
      const read = this.live;
      const { meanwhile } = this;
      this.meanwhile = undefined;
      meanwhile?.();
      return { body: read };
    }
    const patch = JSON.parse(body) as Autoscaler;
    const { resourceVersion } = this.live.metadata;
    if ((patch.metadata?.resourceVersion ?? resourceVersion) !== resourceVersion)
      return { status: 409, body: { message: "the object has been modified" } };
    const after = merged(this.live, patch) as Autoscaler;
    if ((after.spec.minReplicas ?? 1) > after.spec.maxReplicas)
      return { status: 422, body: { message: "maxReplicas must be greater than or equal to minReplicas" } };
    if (!isDeepStrictEqual(after, this.live)) this.change(patch);
    return { body: this.live };
  }
}
