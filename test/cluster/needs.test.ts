import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { missingKubeNode, nodeEnvironment, nodeTool } from "./support/node/requirements";

const suite = existsSync(nodeTool) ? describe : describe.skip;

suite("What a Kubernetes node needs", () => {
  const environment = nodeEnvironment();

  it("is named with the packages that have it", () => {
    const missing = missingKubeNode({ ...environment, PATH: "/nowhere" }, 0) ?? "";
    assert.match(missing, /^no Kubernetes node without containerd, runc, iptables, iproute2, openssl/);
    assert.match(missing, /: apt-get install -y --no-install-recommends containerd runc iptables /);
  });

  it("is root", () => {
    assert.equal(missingKubeNode(environment, 1000), "a Kubernetes node needs root");
  });

  it("is a Kubernetes", () => {
    const missing = missingKubeNode({ ...environment, KUBEBUILDER_ASSETS: "/nowhere" }, 0) ?? "";
    assert.match(missing, /^KUBEBUILDER_ASSETS names no folder with the binary kubernetes/);
  });
});
