import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Architecture, imageArchitecture } from "../core/service-spec";
import { scriptText } from "./scripts";
import { literal } from "./sidecars";

export interface ScriptPodArgs {
  /** Of the file in in-cluster/. */
  readonly script: string;
  /** With Node in it. */
  readonly image: pulumi.Input<string>;
  readonly architecture: Architecture;
  readonly account: k8s.core.v1.ServiceAccount;
  readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
  readonly size: { readonly cpu: string; readonly memory: string };
}

const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Any user but root: the scripts write nothing. */
const user = 10001;

/** A pod that runs one of our scripts with Node, and may call the API server as its account. */
export function scriptPod({ script, image, architecture, account, variables, size }: ScriptPodArgs) {
  const all = { ...variables, TOKEN_FILE: `${accountFolder}/token`, NODE_EXTRA_CA_CERTS: `${accountFolder}/ca.crt` };
  return {
    serviceAccountName: account.metadata.name,
    automountServiceAccountToken: true,
    nodeSelector: { "kubernetes.io/arch": imageArchitecture[architecture] },
    // The system node of a cluster runs when no replica does, so waking one waits for no other node.
    tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: script,
        image,
        command: ["node", "-e", literal(scriptText(script))],
        env: Object.entries(all).map(([name, value]) => ({ name, value })),
        resources: { requests: size, limits: size },
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
}

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames: pulumi.Input<string>[];
  readonly verbs: string[];
}

/** A service account that may do what the rules say, in its namespace. */
export function scriptAccount(
  name: string,
  { namespace, rules }: { readonly namespace: pulumi.Input<string>; readonly rules: readonly Rule[] },
  within: pulumi.CustomResourceOptions,
) {
  const metadata = { namespace };
  const account = new k8s.core.v1.ServiceAccount(name, { metadata, automountServiceAccountToken: false }, within);
  const role = new k8s.rbac.v1.Role(name, { metadata, rules: [...rules] }, within);
  const binding = new k8s.rbac.v1.RoleBinding(
    name,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace }],
    },
    within,
  );
  return { account, binding };
}

/** Reads and sets the bounds of one autoscaler. */
export const boundsOfAutoscaler = (autoscaler: k8s.autoscaling.v2.HorizontalPodAutoscaler): Rule => ({
  apiGroups: ["autoscaling"],
  resources: ["horizontalpodautoscalers"],
  resourceNames: [autoscaler.metadata.name],
  verbs: ["get", "patch"],
});
