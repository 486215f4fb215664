import type { Bounds } from "../../core/schedule";

/** The fields of an autoscaler that decide its bounds. */
export interface Autoscaler {
  readonly metadata: { readonly resourceVersion?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly minReplicas?: number; readonly maxReplicas: number };
}

export interface BoundsPatch {
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly annotations: Readonly<Record<string, string | null>>;
  };
  readonly spec: { readonly minReplicas: number; readonly maxReplicas: number };
}

export const targetKey: string;
export function targetOf(autoscaler: Autoscaler): number | undefined;
export function askedOf(autoscaler: Autoscaler): number | undefined;
export function boundsOf(autoscaler: Autoscaler): Bounds;
export function patchOf(autoscaler: Autoscaler, bounds: Bounds, asked?: number): BoundsPatch;
export function isChange(autoscaler: Autoscaler, patch: BoundsPatch): boolean;
