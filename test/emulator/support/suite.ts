import { skippedSuite } from "../../support/skipped-suite";
import { alarmRollback } from "./alarm-rollback";
import { AutoMode } from "./auto-mode";
import { KubeApi, missingKubeApi } from "./kube-api";
import { tierNeeds } from "./needs";
import { type Cast, commandLimitMs, Stage } from "./stage";
import { pollingRates } from "./watched-up";

export type Scene = Pick<Stage, "sandbox" | "aws" | "kube" | "createStack">;

const kubernetes: Pick<Cast, "kubernetes" | "controllers"> = {
  kubernetes: () => KubeApi.start(),
  controllers: async (kube, aws, started) => {
    const autoMode = new AutoMode(kube, aws);
    started(() => autoMode.stop());
  },
};

/** A suite with one emulator and one copy of the project; its tests build on each other. */
export function describeOnEmulator(
  title: string,
  body: (scene: () => Scene) => void,
  { withKubernetes = false, sharesProviders = true } = {},
): void {
  const found = tierNeeds(withKubernetes ? missingKubeApi() : undefined);
  if ("missing" in found) {
    skippedSuite(title, found.missing, body);
    return;
  }
  describe(title, function () {
    this.timeout(commandLimitMs + 60_000);
    let stage: Stage | undefined;
    before(async () => {
      stage = await Stage.open(found, {
        ...(withKubernetes && kubernetes),
        actions: async (aws) => ({ ecs: alarmRollback(aws) }),
        sharesProviders,
      });
    });
    after(() => {
      const rates = pollingRates();
      if (rates) console.log(`  ${title}: ${rates}`);
      return stage?.close();
    });
    body(() => {
      if (stage === undefined) throw new Error("the emulator has not started");
      return stage;
    });
  });
}
