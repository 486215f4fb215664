/** The controller that registers pods in a target group: that of Auto Mode, or the AWS Load Balancer Controller. */
export interface Controller {
  readonly bindingApiVersion: string;
  /** Of the namespace. The label of the other controller is ignored silently. */
  readonly readinessLabel: string;
}

export type ControllerName = "auto" | "lbc";

export const controllers: Readonly<Record<ControllerName, Controller>> = {
  auto: {
    bindingApiVersion: "eks.amazonaws.com/v1",
    readinessLabel: "eks.amazonaws.com/pod-readiness-gate-inject",
  },
  lbc: {
    bindingApiVersion: "elbv2.k8s.aws/v1beta1",
    readinessLabel: "elbv2.k8s.aws/pod-readiness-gate-inject",
  },
};

/** Tags for target groups: Auto Mode may register pods only where it finds its cluster's name. */
export const registrableBy = (
  controller: ControllerName = "auto",
  clusterName: string,
): Readonly<Record<string, string>> => (controller === "auto" ? { "eks:eks-cluster-name": clusterName } : {});
