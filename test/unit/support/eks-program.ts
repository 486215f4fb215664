import type { Image } from "../../../components/core/deployment";
import { EksService, type EksServiceArgs } from "../../../components/eks-service";
import type { ExistingCluster } from "../../../components/eks-service/cluster";
import { offlineCloud } from "../../../tools/offline/cloud";
import { settingsOf } from "./settings";
import { workloadOf } from "./workloads";

export const team: ExistingCluster = { name: "team", kubeconfig: "a kubeconfig", controller: "lbc" };

/** What the account says of that cluster. */
export const cloudOfTeam = {
  ...offlineCloud("eu-west-1"),
  call: () => ({ vpcConfig: { vpcId: "vpc-1", clusterSecurityGroupId: "sg-team" } }),
};

interface EksParts {
  readonly cluster?: ExistingCluster;
  readonly image?: Partial<Image>;
}

/** The component alone, on a network, an image and a route of literals. */
export function eksService(
  own: Readonly<Record<string, unknown>> = {},
  { cluster, image, ...args }: Partial<EksServiceArgs> & EksParts = {},
): EksService {
  const settings = settingsOf(own);
  return new EksService("inference", {
    network: {
      vpcId: "vpc-1",
      privateSubnetIds: ["subnet-a", "subnet-b"],
      gatewaySubnetCidrs: () => ["10.0.128.0/21", "10.0.136.0/21"],
    },
    region: "eu-west-1",
    clusterName: cluster?.name ?? settings.clusterName,
    connection: { assumeRoles: [], endpoints: {} },
    eks: { ...settings.eks, ...(cluster && { cluster }) },
    services: [
      {
        workload: workloadOf("eks", {}, settings),
        image: { reference: "repository@sha256:0", ...image },
        firstReplicas: settings.replicas.min,
        route: {
          targetGroupArn: "arn:of:the:group",
          targetGroupArnSuffix: "targetgroup/inference-eks/1",
          loadBalancerArnSuffix: "app/inference/2",
        },
        rollbackAlarmNames: [],
      },
    ],
    gatewaySecurityGroups: [{ id: "sg-gateway", suffix: "" }],
    ...args,
  });
}
