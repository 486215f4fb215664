import type { Container, ContainerDefinition } from "@aws-sdk/client-ecs";
import type { ContainerEvent } from "./engine-api";
import type { Surroundings } from "./surroundings";

type Health = "UNKNOWN" | "HEALTHY" | "UNHEALTHY";

interface Inspected {
  readonly State: { readonly OOMKilled: boolean; readonly Error: string; readonly ExitCode: number };
}

/** Docker's default of ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const defaultStopSeconds = 30;

/** One container of a task, as its events say. */
export class TaskContainer {
  status: "PENDING" | "RUNNING" | "STOPPED" = "PENDING";
  health: Health = "UNKNOWN";
  id: string | undefined;
  exitCode: number | undefined;
  reason: string | undefined;
  private startedAtMs = 0;

  constructor(
    readonly definition: ContainerDefinition,
    private readonly around: Pick<Surroundings, "engine" | "watch">,
    private readonly changed: () => void,
  ) {}

  get name(): string {
    return this.definition.name ?? "";
  }

  get isEssential(): boolean {
    return this.definition.essential ?? true;
  }

  async start(body: object): Promise<void> {
    const { Id } = await this.around.engine.json<{ Id: string }>("POST", "/containers/create", body);
    this.id = Id;
    this.around.watch(Id, (event) => this.onEvent(event));
    await this.run();
  }

  private async run(): Promise<void> {
    this.startedAtMs = Date.now();
    // Before the call: a short process can end before Docker answers.
    this.status = "RUNNING";
    try {
      await this.around.engine.call("POST", `/containers/${this.id}/start`);
    } catch (error) {
      this.status = "STOPPED";
      this.reason = `CannotStartContainerError: ${(error as Error).message}`;
      throw new Error(this.reason);
    }
    this.changed();
  }

  private async onEvent({ Action: action }: ContainerEvent): Promise<void> {
    if (action === "health_status: healthy") this.health = "HEALTHY";
    else if (action === "health_status: unhealthy") this.health = "UNHEALTHY";
    else if (action === "die") return this.onEnd();
    else return;
    this.changed();
  }

  private async onEnd(): Promise<void> {
    const { State } = await this.around.engine.json<Inspected>("GET", `/containers/${this.id}/json`);
    if (this.mayRestart()) return this.run();
    this.status = "STOPPED";
    this.exitCode = State.ExitCode;
    this.reason = State.OOMKilled ? "OutOfMemoryError: Container killed due to memory usage" : State.Error || undefined;
    this.changed();
  }

  private isStopping = false;

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html */
  private mayRestart(): boolean {
    const { enabled, restartAttemptPeriod = 300 } = this.definition.restartPolicy ?? {};
    return !this.isStopping && enabled === true && Date.now() - this.startedAtMs >= restartAttemptPeriod * 1000;
  }

  /** SIGTERM, or the signal that the image declares; after the stop timeout SIGKILL. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const seconds = this.definition.stopTimeout ?? defaultStopSeconds;
    if (this.id && this.status === "RUNNING")
      await this.around.engine.call("POST", `/containers/${this.id}/stop?t=${seconds}`);
  }

  async kill(): Promise<void> {
    await this.around.engine.call("POST", `/containers/${this.id}/kill?signal=SIGKILL`);
  }

  /** The last lines, both streams. */
  async log(lines: number): Promise<string> {
    if (!this.id) return "";
    const path = `/containers/${this.id}/logs?stdout=1&stderr=1&tail=${lines}`;
    return unframed(await this.around.engine.call("GET", path));
  }

  /** As DescribeTasks shows it. */
  describe(taskArn: string): Container {
    const { name, exitCode, reason, health } = this;
    const { image } = this.definition;
    const healthStatus = this.definition.healthCheck ? { healthStatus: health } : {};
    return {
      containerArn: `${taskArn}/${name}`,
      taskArn,
      name,
      image,
      lastStatus: this.status,
      exitCode,
      reason,
      ...healthStatus,
    };
  }
}

/** Docker sends each piece after 8 bytes: its stream, and its length in the last 4. */
function unframed(log: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    pieces.push(log.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(pieces).toString();
}
