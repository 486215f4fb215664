import type { Service } from "@aws-sdk/client-ecs";
import { include } from "../../../emulator/support/ecs";
import type { Action } from "../../../emulator/support/proxy";
import { describeService, describeServiceDeployment, describeTask, serviceDeploymentArn } from "./answers";
import type { RunTaskRequest, Tasks } from "./index";
import type { StoredService } from "./service";

interface ServiceRequest {
  readonly cluster?: string;
  readonly service: string;
  readonly taskDefinition?: string;
  readonly forceNewDeployment?: boolean;
}

type PassOn<Answer> = (instead?: object) => Promise<Answer>;

/** ECS's actions on services and tasks. The emulator checks and stores; what runs is the tasks' own. */
export function ecsActions(tasks: Tasks): Record<string, Action> {
  return { ...serviceActions(tasks), ...taskActions(tasks), ...deploymentActions(tasks) };
}

function serviceActions(tasks: Tasks): Record<string, Action> {
  const shown = (service: Service) => {
    const found =
      service.clusterArn && service.serviceName ? tasks.find(service.clusterArn, service.serviceName) : undefined;
    return found ? describeService(found, service) : service;
  };
  return {
    CreateService: async (request: { taskDefinition: string }, passOn: PassOn<{ service: StoredService }>) => {
      const { service } = await passOn();
      const added = tasks.add(service, await tasks.taskDefinition(request.taskDefinition));
      return { service: describeService(added, service) };
    },
    UpdateService: async (request: ServiceRequest, passOn: PassOn<{ service: StoredService }>) => {
      const { service } = await passOn();
      const found = tasks.find(request.cluster, request.service);
      if (!found) return { service };
      const definition = request.taskDefinition
        ? await tasks.taskDefinition(request.taskDefinition)
        : found.primary.taskDefinition;
      found.update(service, definition, request.forceNewDeployment ?? false);
      return { service: describeService(found, service) };
    },
    DeleteService: async (request: ServiceRequest, passOn: PassOn<{ service: Service }>) => {
      const { service } = await passOn();
      tasks.find(request.cluster, request.service)?.delete();
      return { service: shown(service) };
    },
    DescribeServices: async (request: object, passOn: PassOn<{ services: Service[] }>) => {
      const { services, ...rest } = await passOn({ ...request, include });
      return { ...rest, services: services.map(shown) };
    },
  };
}

interface ListRequest {
  readonly cluster?: string;
  readonly serviceName?: string;
  readonly desiredStatus?: "RUNNING" | "STOPPED";
}

function taskActions(tasks: Tasks): Record<string, Action> {
  const all = () => tasks.everyTask();
  const byName = (name: string) => all().find(({ arn, id }) => arn === name || id === name);
  return {
    ListTasks: ({ cluster, serviceName, desiredStatus = "RUNNING" }: ListRequest) => {
      const listed = serviceName ? (tasks.find(cluster, serviceName)?.tasks ?? []) : all();
      const wanted = listed.filter(({ isStopping }) => isStopping === (desiredStatus === "STOPPED"));
      return { taskArns: wanted.map(({ arn }) => arn) };
    },
    DescribeTasks: ({ tasks: names }: { tasks: string[] }) => {
      const found = names.flatMap((name) => byName(name) ?? []);
      const missing = names.filter((name) => !byName(name));
      return { tasks: found.map(describeTask), failures: missing.map((arn) => ({ arn, reason: "MISSING" })) };
    },
    RunTask: async (request: RunTaskRequest) => ({ tasks: [describeTask(await tasks.run(request))], failures: [] }),
    StopTask: (
      { task: name, reason = "Task stopped by user" }: { task: string; reason?: string },
      passOn: PassOn<object>,
    ) => {
      const task = byName(name);
      if (!task) return passOn();
      void task.stop({ code: "UserInitiated", reason });
      return { task: describeTask(task) };
    },
  };
}

function deploymentActions(tasks: Tasks): Record<string, Action> {
  return {
    ListServiceDeployments: ({ cluster, service }: ServiceRequest) => {
      const found = tasks.find(cluster, service);
      const listed = found?.history.map((one) => describeServiceDeployment(found, one)) ?? [];
      return { serviceDeployments: listed };
    },
    DescribeServiceDeployments: ({ serviceDeploymentArns: arns }: { serviceDeploymentArns: string[] }) => ({
      serviceDeployments: tasks
        .all()
        .flatMap((service) =>
          service.history
            .filter((one) => arns.includes(serviceDeploymentArn(service, one)))
            .map((one) => describeServiceDeployment(service, one)),
        ),
    }),
  };
}
