import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../core/problems";
import { reasonOf } from "../../core/reason";
import { serviceSpec } from "../../core/service-spec";
import type { ExistingCluster, Settings } from "../../settings";
import { hidden } from "../../settings/schema";
import { controllers } from "../controller";
import { kubeApi } from "../kube-api";

/** What pods need of a cluster besides Kubernetes. Its owner may have installed it in any way, but the API server has it at one path. */
interface Part {
  readonly what: string;
  readonly path: string;
  /** The add-on of EKS that brings it. */
  readonly addon?: string;
  /** What happens without it. Absent: no pod becomes ready. */
  readonly without?: string;
}

const csiDriver = (name: string) => `/apis/storage.k8s.io/v1/csidrivers/${name}`;

/** kubernetes-sigs/metrics-server, manifests/base/apiservice.yaml. */
const metricsServer: Part = {
  what: "metrics-server",
  path: "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io",
  addon: "metrics-server",
  without: "the number of pods does not follow their load",
};
const loadBalancerController: Part = {
  what: "the AWS Load Balancer Controller",
  path: `/apis/${controllers.lbc.bindingApiVersion}`,
};
/** aws/eks-pod-identity-agent, charts/eks-pod-identity-agent/templates/daemonset.yaml. */
const podIdentityAgent: Part = {
  what: "EKS Pod Identity agent",
  path: "/apis/apps/v1/namespaces/kube-system/daemonsets/eks-pod-identity-agent",
  addon: "eks-pod-identity-agent",
  // Its owner may have given it another name; those of the others are part of their APIs.
  without: "pods have no credentials for AWS, unless the agent has another name",
};
const secretsDriver: Part = {
  what: "the Secrets Store CSI driver and its AWS provider",
  path: csiDriver("secrets-store.csi.k8s.io"),
  addon: "aws-secrets-store-csi-driver-provider",
};
const fileSystemDriver: Part = {
  what: "the EFS CSI driver",
  path: csiDriver("efs.csi.aws.com"),
  addon: "aws-efs-csi-driver",
};

function neededParts(settings: Settings, { controller }: ExistingCluster, isAuto: boolean): readonly Part[] {
  const { permissions, managedPolicies, secrets, scaling, volumes } = serviceSpec(settings);
  const hasSecrets = Object.keys(secrets).length > 0 || settings.imageCredentials !== "none";
  const asksAws = hasSecrets || permissions.length + managedPolicies.length > 0;
  return [
    metricsServer,
    ...(controller === "lbc" ? [loadBalancerController] : []),
    // Auto Mode runs it on the nodes, where no DaemonSet shows it.
    ...(!isAuto && (asksAws || scaling.requestsPerMinutePerReplica !== undefined) ? [podIdentityAgent] : []),
    ...(hasSecrets ? [secretsDriver] : []),
    ...(volumes.length > 0 ? [fileSystemDriver] : []),
  ];
}

/**
 * The missing parts of an existing cluster, or a warning where pods run without one. Asked before the first resource of an update, not in
 * previews: those may have no access to the cluster.
 */
export async function missingPartProblems(
  settings: Settings,
  cluster: ExistingCluster,
  isAuto: boolean,
): Promise<Problem[]> {
  if (pulumi.runtime.isDryRun()) return [];
  try {
    return await findMissing(settings, cluster, isAuto);
  } catch (error) {
    const expected = `one that reaches the cluster: ${reasonOf(error)}`;
    return [{ key: "eks.cluster.kubeconfig", value: hidden(cluster.kubeconfig), expected }];
  }
}

async function findMissing(settings: Settings, cluster: ExistingCluster, isAuto: boolean): Promise<Problem[]> {
  const { name, kubeconfig } = cluster;
  const api = kubeApi(kubeconfig);
  const parts = neededParts(settings, cluster, isAuto);
  const lacks = await Promise.all(parts.map(({ path }) => api.lacks(path)));
  const missing = parts.filter((_, index) => lacks[index]);
  const howToAdd = ({ addon }: Part) =>
    addon ? `: aws eks create-addon --cluster-name ${name} --addon-name ${addon}` : "";
  for (const part of missing)
    if (part.without)
      void pulumi.log.warn(`The cluster ${name} has no ${part.what}, so ${part.without}${howToAdd(part)}`);
  return missing
    .filter(({ without }) => without === undefined)
    .map((part) => ({
      key: "eks.cluster.name",
      value: name,
      expected: `a cluster with ${part.what}${howToAdd(part)}`,
    }));
}
