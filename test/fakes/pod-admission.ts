import type { Account, Held } from "./account";
import { isRecord, type Properties, recordsIn } from "./values";

const record = (value: unknown): Properties => (isRecord(value) ? value : {});
const labelsOf = (metadata: unknown): Properties => record(record(metadata).labels);
const containersOf = (pod: Properties) => [...recordsIn(pod.initContainers), ...recordsIn(pod.containers)];

/** The first version that turns Application Signals on by itself (AWS Health event of 2026-02-25). */
const firstInjecting = 5;
/** In the order in which the operator adds them. Only the Java one has no security context (amazon-cloudwatch-agent-operator#361). */
const languages = ["java", "nodejs", "python", "dotnet"];
const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

function injects({ inputs }: Held): boolean {
  const { addonName, addonVersion, configurationValues = "{}" } = inputs;
  if (addonName !== "amazon-cloudwatch-observability") return false;
  const { manager } = record(JSON.parse(String(configurationValues)));
  const monitored = record(record(record(manager).applicationSignals).autoMonitor).monitorAllServices;
  const [, major = firstInjecting] = /^v(\d+)\./.exec(String(addonVersion)) ?? [];
  return monitored !== false && Number(major) >= firstInjecting;
}

/** A Deployment's pod as the operator of the CloudWatch add-on leaves it: every one behind a Service gets init containers. */
function instrumented(template: Properties, namespace: unknown, account: Account): Properties {
  const pod = record(template.spec);
  const labels = labelsOf(template.metadata);
  const isBehindService = account.of("kubernetes:core/v1:Service").some(({ inputs, outputs }) => {
    const selector = Object.entries(record(record(inputs.spec).selector));
    return record(outputs.metadata).namespace === namespace && selector.every(([key, value]) => labels[key] === value);
  });
  if (!isBehindService || !account.of("aws:eks/addon:Addon").some(injects)) return pod;
  const added = languages.map((language) => ({
    name: `opentelemetry-auto-instrumentation-${language}`,
    ...(language !== "java" && { securityContext: confined }),
  }));
  return { ...pod, initContainers: [...recordsIn(pod.initContainers), ...added] };
}

/** What Pod Security "restricted" asks of each container (https://kubernetes.io/docs/concepts/security/pod-security-standards/). */
function violations(pod: Properties): string[] {
  const ofPod = record(pod.securityContext);
  return containersOf(pod).flatMap(({ name, securityContext }) => {
    const own = record(securityContext);
    const { drop } = record(own.capabilities);
    const profile = record(own.seccompProfile ?? ofPod.seccompProfile).type;
    const broken = {
      "allowPrivilegeEscalation != false": own.allowPrivilegeEscalation !== false,
      "unrestricted capabilities": !(Array.isArray(drop) && drop.includes("ALL")),
      "runAsNonRoot != true": (own.runAsNonRoot ?? ofPod.runAsNonRoot) !== true,
      seccompProfile: profile !== "RuntimeDefault" && profile !== "Localhost",
    };
    const found = Object.entries(broken).filter(([, is]) => is);
    return found.map(([rule]) => `${rule} (container "${name}")`);
  });
}

/** How long EKS may take until an association reaches the pods that are created. */
const spreadMs = 15_000;

/** Pods of before that have no credentials for good, unless the cluster admits none without. */
function lackCredentials(namespace: unknown, account: Account): boolean {
  const isChecked = account
    .of("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy")
    .some(({ inputs }) => JSON.stringify(inputs).includes("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  const identity = account
    .of("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    .find(({ inputs }) => inputs.namespace === namespace);
  const needsSome = account
    .of("aws:iam/rolePolicy:RolePolicy")
    .some(({ inputs }) => String(identity?.inputs.roleArn).endsWith(`/${inputs.role}`));
  if (!needsSome || isChecked) return false;
  const made = account
    .entries()
    .findLast(({ op, phase, urn }) => op === "create" && phase === "end" && urn === identity?.urn);
  return Date.now() < (made?.atMs ?? 0) + spreadMs;
}

/** Why a Deployment gets no pod that runs, so that its rollout never ends; or nothing. */
export function refusesPods({ inputs }: Held, account: Account): string | undefined {
  const { namespace } = record(inputs.metadata);
  if (lackCredentials(namespace, account)) return "CrashLoopBackOff: pods found no AWS credentials";
  const home = account.of("kubernetes:core/v1:Namespace").find(({ id }) => id === namespace);
  if (labelsOf(home?.inputs.metadata)["pod-security.kubernetes.io/enforce"] !== "restricted") return undefined;
  const found = violations(instrumented(record(record(inputs.spec).template), namespace, account));
  return found.length > 0
    ? `FailedCreate: pods violate PodSecurity "restricted:latest": ${found.join(", ")}`
    : undefined;
}
