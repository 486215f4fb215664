import type { Account, Held } from "./account";
import { isRecord, type Properties, recordsIn } from "./values";

const record = (value: unknown): Properties => (isRecord(value) ? value : {});
const labelsOf = (metadata: unknown): Properties => record(record(metadata).labels);
const containersOf = (pod: Properties) => [...recordsIn(pod.initContainers), ...recordsIn(pod.containers)];

/** The first version that enables Application Signals by default (AWS Health event of 2026-02-25). */
const firstInjecting = 5;
/** Init containers in the order of the operator. Only the Java one has no security context (amazon-cloudwatch-agent-operator#361). */
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

/** A pod after the CloudWatch add-on's operator: every pod behind a Service gets init containers. */
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

/** The "restricted" Pod Security Standard for a container (https://kubernetes.io/docs/concepts/security/pod-security-standards/). */
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

/** EKS may take this long to apply an association to new pods. */
const spreadMs = 15_000;

/** Pods created earlier never get credentials, unless an admission policy refuses pods without them. */
function lackCredentials(namespace: unknown, account: Account): boolean {
  const isChecked = account
    .of("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy")
    .some(({ inputs }) => JSON.stringify(inputs).includes("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  const identity = account
    .of("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    .find(({ inputs }) => inputs.namespace === namespace);
  const needsSome = ["aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"]
    .flatMap((type) => account.of(type))
    .some(({ inputs }) => String(identity?.inputs.roleArn).endsWith(`/${inputs.role}`));
  if (!needsSome || isChecked) return false;
  const made = account
    .entries()
    .findLast(({ op, phase, urn }) => op === "create" && phase === "end" && urn === identity?.urn);
  return Date.now() < (made?.atMs ?? 0) + spreadMs;
}

/** The reason why no pod of a Deployment runs, so that its rollout never completes; undefined when they run. */
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
