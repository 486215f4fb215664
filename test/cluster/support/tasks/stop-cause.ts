export interface StopCause {
  readonly code:
    | "TaskFailedToStart"
    | "EssentialContainerExited"
    | "UserInitiated"
    | "ServiceSchedulerInitiated"
    | "SpotInterruption";
  readonly reason: string;
}

const code = "ServiceSchedulerInitiated";
const scaling = "Scaling activity initiated";

export const scaledIn = (deploymentId: string): StopCause => ({
  code,
  reason: `${scaling} by (deployment ${deploymentId})`,
});

export const unhealthy = (checks: string): StopCause => ({ code, reason: `Task failed ${checks}` });

export const isFailedCheck = ({ code: given, reason }: StopCause): boolean =>
  given === code && !reason.startsWith(scaling);
