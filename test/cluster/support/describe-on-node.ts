import { type Engine, findEngine } from "../../container/support/engine";
import { skippedSuite } from "../../support/skipped-suite";
import { KubeNode, missingKubeNode } from "./node";

interface NodeScene {
  readonly node: KubeNode;
  readonly docker: Engine["docker"];
}

/** A suite with one Kubernetes node and a Docker engine. */
export function describeOnNode(title: string, body: (scene: () => NodeScene) => void): void {
  const missing = missingKubeNode();
  if (missing !== undefined) {
    skippedSuite(title, missing, body);
    return;
  }
  describe(title, function () {
    this.timeout(180_000);
    let node: KubeNode | undefined;
    let engine: Engine | undefined;
    before(async function () {
      const found = await findEngine();
      if ("missing" in found) {
        console.log(`  skipped: ${found.missing}`);
        return this.skip();
      }
      engine = found;
      node = await KubeNode.start();
    });
    body(() => {
      if (!node || !engine) throw new Error("the node has not started");
      return { node, docker: engine.docker };
    });
    after(async () => {
      await node?.stop();
      await engine?.stop();
    });
  });
}
