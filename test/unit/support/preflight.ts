import type { AwsConnection } from "../../../components/aws/connection";
import { runPreflight } from "../../../components/preflight";
import { type Cloud, offlineCloud } from "../../../tools/offline/cloud";
import { kubeconfigOf } from "./cluster-server";
import { deployed } from "./mock-cloud";
import { settingsOf } from "./settings";

export const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
/** Settings of a stack in the cluster team. */
export const onTeam = (controller: string, { url }: { readonly url: string }) => ({
  target: "eks",
  network,
  eks: { cluster: { name: "team", kubeconfig: kubeconfigOf(url), controller } },
});

export const nobody: AwsConnection = { assumeRoles: [], endpoints: {} };

export type Answers = Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>>;

export function answering(answers: Answers): Cloud {
  const offline = offlineCloud("eu-west-1", { network });
  return { ...offline, call: (args) => (answers[args.token] ?? (() => offline.call(args)))(args.inputs) };
}

/** What a person is told, or nothing. */
export async function told(own: Readonly<Record<string, unknown>>, answers: Answers = {}): Promise<string | undefined> {
  let message: string | undefined;
  await deployed(async () => {
    await runPreflight(settingsOf(own), nobody).catch((error: Error) => {
      message = error.message;
    });
  }, answering(answers));
  return message?.replace("Stack test: ", "").replace(" found in the AWS account", "");
}

/** What AWS says of the cluster team. */
export const cluster = (vpcId: string, isAuto: boolean, ipFamily = "ipv4") => ({
  "aws:eks/getCluster:getCluster": () => ({
    vpcConfig: { vpcId },
    computeConfigs: [{ enabled: isAuto }],
    kubernetesNetworkConfigs: [{ ipFamily }],
  }),
});
/** As an answer of the engine's: the SDK reads the details of an error. */
export const failing = (details: string) => () => {
  throw Object.assign(new Error(details), { details });
};
