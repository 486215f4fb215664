import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { parseImage } from "../../core/image-reference";
import type { Problem } from "../../core/problems";
import { reasonOf } from "../../core/reason";
import { widestBounds } from "../../core/schedule";
import { serviceSpec } from "../../core/service-spec";
import type { ExistingCluster, Settings } from "../../settings";
import { controllers } from "../controller";
import { type KubeApi, kubeApi } from "../kube-api";
import { scalesByRequests } from "../request-scaling";
import { secretsAddon } from "../secrets";

/** What pods need of a cluster besides Kubernetes. However its owner installed it, the API server has it at one path. */
interface Part {
  readonly what: string;
  readonly path: string;
  /** The add-on of EKS that brings it. */
  readonly addon?: { readonly addonName: string; readonly configuration?: object };
  /** What happens without it. */
  readonly without: string;
  /** New pods serve nothing without it. */
  readonly isVital?: true;
}

export interface ClusterState {
  readonly isAuto: boolean;
  /** The stack has pods in a cluster already, or may have. */
  readonly hasPods: boolean;
}

const csiDriver = (name: string) => `/apis/storage.k8s.io/v1/csidrivers/${name}`;

const loadBalancerController: Part = {
  what: "the AWS Load Balancer Controller",
  path: `/apis/${controllers.lbc.bindingApiVersion}`,
  without: "the load balancer sends no requests to new pods",
  isVital: true,
};
/** kubernetes-sigs/metrics-server, manifests/base/apiservice.yaml. */
const metricsServer: Part = {
  what: "metrics-server",
  path: "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io",
  addon: { addonName: "metrics-server" },
  without: "the autoscaler cannot read CPU and memory",
};
const podIdentityAgent: Part = {
  what: "DaemonSet eks-pod-identity-agent",
  path: "/apis/apps/v1/namespaces/kube-system/daemonsets/eks-pod-identity-agent",
  addon: { addonName: "eks-pod-identity-agent" },
  without: "pods have no credentials for AWS, unless the Pod Identity agent has another name there",
};
const secretsDriver: Part = {
  what: "the Secrets Store CSI driver",
  path: csiDriver("secrets-store.csi.k8s.io"),
  addon: secretsAddon,
  without: "new pods do not start",
  isVital: true,
};
const fileSystemDriver: Part = {
  what: "the EFS CSI driver",
  path: csiDriver("efs.csi.aws.com"),
  addon: { addonName: "aws-efs-csi-driver" },
  without: "new pods do not start",
  isVital: true,
};

function neededParts(settings: Settings, { controller }: ExistingCluster, isAuto: boolean): readonly Part[] {
  const spec = serviceSpec(settings);
  const hasSecrets = Object.keys(spec.secrets).length > 0 || signsIn(settings);
  const needsCredentials =
    hasSecrets || spec.permissions.length + spec.managedPolicies.length > 0 || scalesByRequests(spec);
  const { min, max } = widestBounds(spec.replicas, Object.values(spec.schedule));
  return [
    ...(min < max ? [metricsServer] : []),
    ...(controller === "lbc" ? [loadBalancerController] : []),
    // Auto Mode runs it on the nodes, where no DaemonSet shows it.
    ...(needsCredentials && !isAuto ? [podIdentityAgent] : []),
    ...(hasSecrets ? [secretsDriver] : []),
    ...(spec.volumes.length > 0 ? [fileSystemDriver] : []),
  ];
}

/** Whether a pod's image is pulled with `imageCredentials`. */
const signsIn = ({ imageCredentials, image, model }: Settings) =>
  imageCredentials !== "none" &&
  model.variants
    .filter(({ target }) => target === "eks")
    .map((variant) => variant.image ?? image)
    .some((reference) => reference !== "build" && parseImage(reference).ecr === undefined);

const installation = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/";

/** What to do about a missing part: the load balancer controller is no add-on. */
function remedyFor(
  { addon }: Part,
  place: { readonly region: string; readonly name: string; readonly isAuto: boolean },
) {
  if (!addon) return place.isAuto ? "set eks.cluster.controller to auto, as it is in Auto Mode" : installation;
  const { addonName, configuration } = addon;
  const command = `aws eks create-addon --region ${place.region} --cluster-name ${place.name} --addon-name ${addonName}`;
  return configuration ? `${command} --configuration-values '${JSON.stringify(configuration)}'` : command;
}

/** A sign-in of the kubeconfig may take a minute, and a person waits. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const end = new AbortController();
  const late = sleep(limitMs, undefined, { signal: end.signal }).then(() => {
    throw new Error(`no answer in ${limitMs / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    end.abort();
  }
}

/**
 * The missing parts of an existing cluster. Once pods run there they are warnings: an update that moves traffic away from a broken
 * cluster must pass.
 */
export async function missingPartProblems(
  settings: Settings,
  cluster: ExistingCluster,
  { isAuto, hasPods }: ClusterState,
  api: Pick<KubeApi, "lacks"> = kubeApi(cluster.kubeconfig),
  limitMs = 20_000,
): Promise<Problem[]> {
  const { name } = cluster;
  const parts = neededParts(settings, cluster, isAuto);
  const refused = (expected: string): Problem[] => [{ key: "eks.cluster.name", value: name, expected }];
  try {
    const lacks = await within(limitMs, Promise.all(parts.map(({ path }) => api.lacks(path))));
    return parts
      .filter((_, index) => lacks[index])
      .flatMap((part) => {
        const { what, without, isVital } = part;
        const remedy = remedyFor(part, { region: settings.region, name, isAuto });
        if (isVital && !hasPods) return refused(`a cluster with ${what}: ${remedy}`);
        void pulumi.log.warn(`The cluster ${name} has no ${what.replace(/^the /, "")}, so ${without}: ${remedy}`);
        return [];
      });
  } catch (error) {
    const reason = reasonOf(error);
    if (!hasPods) return refused(`a cluster that accepts eks.cluster.kubeconfig from this machine: ${reason}`);
    void pulumi.log.warn(`Could not check what the cluster ${name} has: ${reason}`);
    return [];
  }
}
