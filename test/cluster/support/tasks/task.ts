import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { containerBody, repositoryOf } from "./container";
import { mayStart, stopInTurn } from "./dependencies";
import { findImage, type LocalImage } from "./local-image";
import type { TaskHealth } from "./plan";
import { Registration } from "./registration";
import type { StopCause } from "./stop-cause";
import type { Surroundings } from "./surroundings";
import { TaskContainer } from "./task-container";
import type { TaskOrder } from "./task-order";
import { TaskVolumes } from "./task-volumes";

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html */
export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";

const keptLogLines = 50;

/** One task: real containers that share a network interface, from PROVISIONING to STOPPED. */
export class Task {
  readonly id = randomBytes(16).toString("hex");
  readonly arn: string;
  readonly containers: readonly TaskContainer[];
  readonly createdAtMs = Date.now();
  status: TaskStatus = "PROVISIONING";
  ip: string | undefined;
  startedAtMs: number | undefined;
  stoppedAtMs: number | undefined;
  cause: StopCause | undefined;

  private readonly changes = new EventEmitter();
  private networkId: string | undefined;
  /** From the moment when the task has an address. */
  private registration: Registration | undefined;
  private lastLog = "";
  private readonly volumes: TaskVolumes;
  private readonly launched: Promise<void>;
  private ending: Promise<void> | undefined;

  constructor(
    readonly order: TaskOrder,
    private readonly around: Surroundings,
    private readonly onChange: () => void,
  ) {
    this.changes.setMaxListeners(0);
    this.arn = `arn:aws:ecs:${order.region}:${order.account}:task/${order.cluster}/${this.id}`;
    const definitions = order.taskDefinition.containerDefinitions ?? [];
    this.containers = definitions.map((one) => new TaskContainer(one, around, () => this.containerChanged()));
    this.volumes = new TaskVolumes(this.id, order.taskDefinition, around);
    this.launched = this.launch();
  }

  get isStopping(): boolean {
    return this.cause !== undefined;
  }

  /** The essential containers' own health checks; undefined without any. */
  get containerHealth(): "HEALTHY" | "UNHEALTHY" | "UNKNOWN" | undefined {
    const checked = this.containers.filter(({ isEssential, definition }) => isEssential && definition.healthCheck);
    if (checked.length === 0) return undefined;
    if (checked.some(({ health }) => health === "UNHEALTHY")) return "UNHEALTHY";
    return checked.every(({ health }) => health === "HEALTHY") ? "HEALTHY" : "UNKNOWN";
  }

  /** During the grace period ECS ignores checks that fail: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
  health(graceSeconds: number): TaskHealth {
    if (this.status !== "RUNNING" || this.startedAtMs === undefined) return "waiting";
    const targets = this.targetHealths();
    const isSick = this.containerHealth === "UNHEALTHY" || targets.some((one) => one?.state === "unhealthy");
    if (isSick) return Date.now() - this.startedAtMs < graceSeconds * 1000 ? "waiting" : "unhealthy";
    const isHealthy =
      (this.containerHealth ?? "HEALTHY") === "HEALTHY" && targets.every((one) => one?.state === "healthy");
    return isHealthy ? "healthy" : "waiting";
  }

  /** The container behind the load balancer. */
  get serving(): TaskContainer | undefined {
    const [target] = this.order.targets;
    return this.containers.find(({ name }) => name === target?.containerName) ?? this.containers[0];
  }

  /** The last lines that its containers printed. */
  async log(): Promise<string> {
    if (this.status === "STOPPED") return this.lastLog;
    return (await Promise.all(this.containers.map((container) => container.log(keptLogLines)))).join("");
  }

  targetHealths(): ReturnType<Registration["healths"]> {
    return this.registration?.healths() ?? [];
  }

  /** Deregisters, waits until no target drains, then SIGTERM and SIGKILL. */
  stop(cause: StopCause): Promise<void> {
    return this.begin(cause, async () => {
      await this.drain();
      await this.stopContainers();
    });
  }

  /** Fargate Spot takes the capacity back: the containers get SIGTERM, and ECS deregisters the task then or later. */
  interrupt(deregisterAfterSeconds: number): Promise<void> {
    const cause = { code: "SpotInterruption", reason: "Your Spot Task was interrupted." } as const;
    return this.begin(cause, async () => {
      const deregistered = sleep(deregisterAfterSeconds * 1000).then(() => this.registration?.deregister());
      await this.stopContainers();
      await deregistered;
    });
  }

  /** Starts no further container. Resolves when none is being started. */
  abandon(): Promise<void> {
    this.cause ??= { code: "UserInitiated", reason: "The tests ended." };
    this.changes.emit("change");
    return this.launched;
  }

  private async launch(): Promise<void> {
    try {
      await this.attachNetwork();
      this.enter("PENDING");
      const images = await Promise.all(
        this.containers.map(({ definition }) => findImage(this.around.engine, definition.image ?? "")),
      );
      const starts = this.containers.map((container, index) =>
        this.startInTurn(container, images[index] as LocalImage),
      );
      // Those that wait for one that failed end with the task.
      await Promise.all(starts.map((start) => start.catch((error: Error) => this.failToStart(error))));
      if (this.isStopping) return;
      this.enter("ACTIVATING");
      this.register();
      this.startedAtMs = Date.now();
      this.enter("RUNNING");
    } catch (error) {
      this.failToStart(error as Error);
    }
  }

  private failToStart({ message: reason }: Error): void {
    this.begin({ code: "TaskFailedToStart", reason }, () => this.stopContainers());
  }

  private async attachNetwork(): Promise<void> {
    const { engine, networkImage, labels, balancer } = this.around;
    const body = { Image: networkImage, Labels: labels, HostConfig: { NetworkMode: "bridge" } };
    const { Id } = await engine.json<{ Id: string }>("POST", "/containers/create", body);
    this.networkId = Id;
    await engine.call("POST", `/containers/${Id}/start`);
    const { NetworkSettings } = await engine.json<Attached>("GET", `/containers/${Id}/json`);
    this.ip = NetworkSettings.Networks.bridge.IPAddress;
    this.registration = new Registration(this.ip, this.order.targets, balancer);
  }

  private async startInTurn(container: TaskContainer, image: LocalImage): Promise<void> {
    await this.until(() => this.isStopping || mayStart(container, this.containers));
    if (this.isStopping || !this.networkId) return;
    const { labels } = this.around;
    const { taskDefinition } = this.order;
    const volumeName = (volume: string) => this.volumes.nameOf(volume);
    const setting = { taskDefinition, networkId: this.networkId, labels, volumeName };
    await this.volumes.create(container.definition);
    const secrets = await this.around.secretsOf(container.definition);
    await container.start(containerBody(container.definition, setting, image, secrets));
  }

  private containerChanged(): void {
    this.changes.emit("change");
    const ended = this.containers.find(({ isEssential, status }) => isEssential && status === "STOPPED");
    const cause = { code: "EssentialContainerExited", reason: "Essential container in task exited" } as const;
    if (ended) {
      this.begin(cause, async () => {
        this.registration?.deregister();
        await this.stopContainers();
      });
    }
    this.onChange();
  }

  /** A task ends once. */
  private begin(cause: StopCause, act: () => Promise<void>): Promise<void> {
    this.ending ??= this.end(cause, act).catch((error) => this.around.failed(error));
    return this.ending;
  }

  private async end(cause: StopCause, act: () => Promise<void>): Promise<void> {
    this.cause = cause;
    this.onChange();
    this.changes.emit("change");
    await this.launched;
    await act();
    this.enter("DEPROVISIONING");
    this.lastLog = await this.log();
    this.stoppedAtMs = Date.now();
    this.enter("STOPPED");
    // The address must not go to another task while requests to it are still open.
    await this.registration?.untilDrained();
    await this.remove();
  }

  private register(): void {
    if (!this.ip) return;
    this.around.versions.set(this.ip, repositoryOf(this.serving?.definition.image ?? ""));
    this.registration?.register();
  }

  private async drain(): Promise<void> {
    if (!this.registration?.isRegistered) return;
    this.enter("DEACTIVATING");
    this.registration.deregister();
    await this.registration.untilDrained();
  }

  private async stopContainers(): Promise<void> {
    this.enter("STOPPING");
    await stopInTurn(this.containers);
    await this.until(() => this.containers.every(({ status }) => status !== "RUNNING"));
  }

  private async remove(): Promise<void> {
    const { engine } = this.around;
    const ids = [...this.containers.map(({ id }) => id), this.networkId].filter((id) => id !== undefined);
    await Promise.all(ids.map((id) => engine.call("DELETE", `/containers/${id}?force=true&v=true`)));
    await this.volumes.remove();
  }

  private enter(status: TaskStatus): void {
    this.status = status;
    this.onChange();
  }

  private async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await once(this.changes, "change");
  }
}

interface Attached {
  readonly NetworkSettings: { readonly Networks: { readonly bridge: { readonly IPAddress: string } } };
}
