import assert from "node:assert/strict";
import { offlineCloud } from "../../../../tools/offline/cloud";
import { eksService } from "../../support/eks-program";
import { declared } from "../../support/mock-cloud";
import { problemsOf } from "../../support/settings";

const addon = "aws:eks/addon:Addon";
const secrets = { KEY: "arn:aws:ssm:eu-west-1:123456789012:parameter/key" };
const plan = (own: Readonly<Record<string, unknown>> = {}, cloud?: ReturnType<typeof offlineCloud>) =>
  declared(() => void eksService(own), cloud);

describe("EKS add-ons", () => {
  it("get the default version for the cluster's Kubernetes version", async () => {
    const offline = offlineCloud("eu-west-1");
    const call: typeof offline.call = (args) => {
      const { addonName, kubernetesVersion } = args.inputs;
      const isAsked = args.token === "aws:eks/getAddonVersion:getAddonVersion";
      return isAsked ? { version: `v-of-${addonName}-for-${kubernetesVersion}` } : offline.call(args);
    };
    const addons = (await plan({ secrets, eks: { version: "1.34" } }, { ...offline, call })).all(addon);
    assert.deepEqual(addons.map(({ inputs }) => inputs.addonVersion).sort(), [
      "v-of-amazon-cloudwatch-observability-for-1.34",
      "v-of-aws-secrets-store-csi-driver-provider-for-1.34",
      "v-of-metrics-server-for-1.34",
    ]);
    for (const { inputs } of addons)
      assert.deepEqual([inputs.resolveConflictsOnCreate, inputs.resolveConflictsOnUpdate], ["OVERWRITE", "OVERWRITE"]);
  });

  it("get the version that the stack pins", async () => {
    const addonVersions = { "metrics-server": "v0.8.0-eksbuild.3" };
    const pinned = (await plan({ eks: { addonVersions } })).one(addon, "inference-metrics-server");
    assert.equal(pinned.inputs.addonVersion, "v0.8.0-eksbuild.3");
  });

  it("refuse a version or a name that EKS does not have", () =>
    assert.deepEqual(
      problemsOf({ eks: { addonVersions: { "metrics-server": "0.8.0", coredns: "v1.12.1-eksbuild.2" } } }).map(
        ({ key }) => key,
      ),
      ["eks.addonVersions.metrics-server", "eks.addonVersions.coredns"],
    ));

  it("instrument no pods: Application Signals is off, and runs as configured before the first pod", async () => {
    const plain = await plan();
    const observability = plain.one(addon, "inference-observability");
    const { manager } = JSON.parse(String(observability.inputs.configurationValues));
    assert.deepEqual(manager, { applicationSignals: { autoMonitor: { monitorAllServices: false } } });
    assert.ok(plain.dependsOn(plain.one("kubernetes:apps/v1:Deployment"), observability));
    assert.ok(plain.dependsOn(observability, plain.one("kubernetes:karpenter.sh/v1:NodePool")), "it needs a node");
  });

  it("look for new log files every 10 seconds, as the add-on's own configuration does", async () => {
    const { configurationValues } = (await plan()).one(addon, "inference-observability").inputs;
    const { fluentBit } = JSON.parse(String(configurationValues)).containerLogs;
    assert.match(fluentBit.config.extraFiles["application-log.conf"], /^ {2}Refresh_Interval 10$/m);
  });
});
