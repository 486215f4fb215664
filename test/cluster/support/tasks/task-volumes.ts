import type { ContainerDefinition, TaskDefinition } from "@aws-sdk/client-ecs";
import type { Surroundings } from "./surroundings";

/** The volumes of one task. Docker gives a new one to root with mode 0755, as Fargate does. */
export class TaskVolumes {
  private readonly created = new Set<string>();

  constructor(
    private readonly taskId: string,
    private readonly taskDefinition: TaskDefinition,
    private readonly around: Surroundings,
  ) {}

  /** Docker's name of a volume. */
  nameOf(volume: string): string {
    return `inference-task-${this.taskId}-${volume}`;
  }

  async create({ mountPoints = [] }: ContainerDefinition): Promise<void> {
    const { engine, labels } = this.around;
    for (const { sourceVolume = "" } of mountPoints) {
      const declared = this.taskDefinition.volumes?.find(({ name }) => name === sourceVolume);
      if (declared?.efsVolumeConfiguration) {
        throw new Error(`ResourceInitializationError: volume ${sourceVolume} is on EFS, which this tier does not have`);
      }
      const Name = this.nameOf(sourceVolume);
      if (this.created.has(Name)) continue;
      this.created.add(Name);
      await engine.call("POST", "/volumes/create", { Name, Labels: labels });
    }
  }

  async remove(): Promise<void> {
    await Promise.all([...this.created].map((name) => this.around.engine.call("DELETE", `/volumes/${name}`)));
  }
}
