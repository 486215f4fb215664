import assert from "node:assert/strict";
import { ofType, type Plan, type PlannedResource } from "../../../tools/offline";

/** A statement of an IAM policy as this project writes them. */
export interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, unknown>>;
}

/** One entry of a task definition's container definitions. */
export interface ContainerDefinition {
  readonly image: string;
  readonly repositoryCredentials?: { readonly credentialsParameter: string };
  readonly entryPoint?: readonly string[];
  readonly name: string;
  readonly essential: boolean;
  readonly restartPolicy?: { readonly enabled: boolean };
  /** Absent: all of the task. */
  readonly cpu?: number;
  readonly memory?: number;
  readonly dependsOn?: readonly { readonly containerName: string; readonly condition: string }[];
  readonly command?: readonly string[];
  readonly user: string;
  readonly readonlyRootFilesystem: boolean;
  readonly stopTimeout: number;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly portMappings: readonly { readonly containerPort: number }[];
  readonly mountPoints: readonly {
    readonly sourceVolume: string;
    readonly containerPath: string;
    readonly readOnly: boolean;
  }[];
  readonly linuxParameters: {
    readonly initProcessEnabled: boolean;
    readonly capabilities?: { readonly drop: string[] };
  };
  readonly logConfiguration: { readonly logDriver: string; readonly options: Readonly<Record<string, string>> };
  readonly healthCheck?: {
    readonly command: readonly string[];
    readonly interval: number;
    readonly timeout: number;
    readonly retries: number;
    readonly startPeriod: number;
  };
}

/** A recorded plan with the questions that tests ask of it. A question without its one answer fails and shows what is there. */
export class PlanUnderTest {
  constructor(readonly plan: Plan) {}

  get outputs() {
    return this.plan.outputs;
  }

  /** The messages of one severity. */
  said(severity: "info" | "warning" | "error"): string[] {
    return this.plan.logs.filter((line) => line.severity === severity).map(({ message }) => message);
  }

  all(type: string): PlannedResource[] {
    return ofType(this.plan, type);
  }

  names(type: string): string[] {
    return this.all(type)
      .map(({ name }) => name)
      .sort();
  }

  one(type: string, name?: string): PlannedResource {
    const found = this.all(type).filter((resource) => name === undefined || resource.name === name);
    const there = this.plan.resources.map((resource) => `\n  ${resource.type} ${resource.name}`).join("");
    const [only] = found;
    assert.ok(only && found.length === 1, `${found.length} resources are ${type} ${name ?? ""}; there are:${there}`);
    return only;
  }

  parentOf(resource: PlannedResource): string {
    return this.plan.resources.find(({ urn }) => urn === resource.parent)?.type ?? "";
  }

  /** Whether the one has to be there before the other, directly or through others. */
  dependsOn(dependent: PlannedResource, needed: PlannedResource): boolean {
    const seen = new Set<string>();
    const open = [...dependent.dependencies];
    for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
      if (urn === needed.urn) return true;
      if (seen.has(urn)) continue;
      seen.add(urn);
      open.push(...(this.plan.resources.find((resource) => resource.urn === urn)?.dependencies ?? []));
    }
    return false;
  }

  container(taskDefinition?: string): ContainerDefinition {
    const { inputs } = this.one("aws:ecs/taskDefinition:TaskDefinition", taskDefinition);
    const containers: ContainerDefinition[] = JSON.parse(String(inputs.containerDefinitions));
    const [only] = containers;
    assert.ok(only && containers.length === 1);
    return only;
  }

  /** What the policies of one role, or of all roles, allow. */
  statements(rolePolicy?: string): Statement[] {
    return this.all("aws:iam/rolePolicy:RolePolicy")
      .filter(({ name }) => rolePolicy === undefined || name === rolePolicy)
      .flatMap(({ inputs }) => (JSON.parse(String(inputs.policy)) as { Statement: Statement[] }).Statement);
  }
}
