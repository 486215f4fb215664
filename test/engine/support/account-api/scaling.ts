import type { Account } from "../../../fakes/account";
import { lastPart } from "../../../fakes/aws-shapes";

const scalableTarget = "aws:appautoscaling/target:Target";

const clamped = (count: number, { MinCapacity, MaxCapacity }: Limits) =>
  Math.min(Math.max(count, MinCapacity), MaxCapacity);

interface Limits {
  readonly ResourceId: string;
  readonly MinCapacity: number;
  readonly MaxCapacity: number;
}

/** Moves the desired count into the new bounds at once (API reference, RegisterScalableTarget). */
function register(account: Account, limits: Limits): unknown {
  const { ResourceId, MinCapacity, MaxCapacity } = limits;
  const found = account.of(scalableTarget).find(({ inputs }) => inputs.resourceId === ResourceId);
  if (!found) return { __type: "ValidationException", message: `ECS service doesn't exist: ${ResourceId}` };
  if (MinCapacity > MaxCapacity) return { __type: "ValidationException", message: "MinCapacity above MaxCapacity" };
  account.drift(found.urn, { minCapacity: MinCapacity, maxCapacity: MaxCapacity });
  for (const { urn, inputs } of account.of("aws:ecs/service:Service")) {
    if (ResourceId !== `service/${lastPart(inputs.cluster)}/${inputs.name}`) continue;
    account.drift(urn, { desiredCount: clamped(Number(inputs.desiredCount ?? 1), limits) });
  }
  return {};
}

/** Sets the bounds of every scalable target, as a scheduled action does at its time. */
export function setScheduledBounds(account: Account, MinCapacity: number, MaxCapacity: number): void {
  for (const { inputs } of account.of(scalableTarget)) {
    register(account, { ResourceId: String(inputs.resourceId), MinCapacity, MaxCapacity });
  }
}

export function answerScaling(account: Account, action: string, body: string): unknown {
  if (action === "RegisterScalableTarget") return register(account, JSON.parse(body));
  const { ResourceIds } = JSON.parse(body) as { ResourceIds: string[] };
  const found = account.of(scalableTarget).filter(({ inputs }) => ResourceIds.includes(String(inputs.resourceId)));
  return {
    ScalableTargets: found.map(({ inputs }) => ({
      ServiceNamespace: inputs.serviceNamespace,
      ScalableDimension: inputs.scalableDimension,
      ResourceId: inputs.resourceId,
      MinCapacity: inputs.minCapacity,
      MaxCapacity: inputs.maxCapacity,
    })),
  };
}
