import { fromJson, list, object, type Properties, type Resource, type ResourceRule } from "./rule";

const taskType = "aws:ecs/taskDefinition:TaskDefinition";

const podTypes = [
  "kubernetes:core/v1:Pod",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:apps/v1:DaemonSet",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:batch/v1:Job",
  "kubernetes:batch/v1:CronJob",
];

const types = [taskType, ...podTypes];

const tasksOf = ({ props }: Resource) => list(fromJson(props.containerDefinitions)).map(object);

/** The pod of a workload is in its template, and that of a CronJob one level further down. */
function podOf({ props }: Resource): Properties {
  let spec = object(props.spec);
  if (spec.jobTemplate) spec = object(object(spec.jobTemplate).spec);
  return spec.template ? object(object(spec.template).spec) : spec;
}

const containersIn = (pod: Properties) => [...list(pod.initContainers), ...list(pod.containers)].map(object);

const containersOf = (resource: Resource) =>
  resource.type === taskType ? tasksOf(resource) : containersIn(podOf(resource));

export const imageDigest: ResourceRule = {
  name: "image-digest",
  description: "A container names its image by digest, so that every replica runs the same one.",
  types,
  violations: (resource) =>
    containersOf(resource)
      .filter(({ image }) => !/@sha256:[0-9a-f]{64}$/.test(String(image)))
      .map(({ name, image }) => `the image of ${name} is ${image}; expected repository@sha256:<64 hex digits>`),
};

const isRootUser = (user: unknown) => user === undefined || /^(root|0)(:|$)/.test(String(user));

/** Without a user a task runs as the image says, which is root in most. */
function faultOfTask({ name, privileged, user }: Properties): string[] {
  if (privileged === true) return [`${name} is privileged; expected false`];
  return isRootUser(user) ? [`user of ${name} is ${user ?? "missing"}; expected a user other than root`] : [];
}

function faultOfPod(pod: Properties, container: Properties): string[] {
  const own = object(container.securityContext);
  const { runAsUser, runAsNonRoot } = { ...object(pod.securityContext), ...own };
  if (own.privileged === true) return [`${container.name} is privileged; expected false`];
  const mayBeRoot = runAsUser === 0 || (runAsNonRoot !== true && runAsUser === undefined);
  return mayBeRoot ? [`${container.name} may run as root; expected runAsNonRoot: true`] : [];
}

export const rootContainer: ResourceRule = {
  name: "root-container",
  description: "No container is privileged or runs as root.",
  types,
  violations: (resource) => {
    if (resource.type === taskType) return tasksOf(resource).flatMap(faultOfTask);
    const pod = podOf(resource);
    return containersIn(pod).flatMap((container) => faultOfPod(pod, container));
  },
};

export const memoryLimit: ResourceRule = {
  name: "memory-limit",
  description: "Every container has a limit of memory, its own or that of its task.",
  types,
  violations: (resource) => {
    const isTask = resource.type === taskType;
    if (isTask && resource.props.memory !== undefined) return [];
    const limitOf = ({ memory, resources }: Properties) => (isTask ? memory : object(object(resources).limits).memory);
    return containersOf(resource)
      .filter((container) => limitOf(container) === undefined)
      .map(({ name }) => `${name} has no limit of memory; expected ${isTask ? "memory" : "resources.limits.memory"}`);
  },
};
