import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kubeApi } from "../../../../components/eks-service/kube-api";
import { temporaryFolder } from "../../../support/folder";
import { kubeconfigOf, startCluster } from "../../support/cluster-server";

/** A cluster on this machine, until the test is over. */
async function withCluster<T>(
  answer: Parameters<typeof startCluster>[0],
  test: (server: string) => Promise<T>,
): Promise<T> {
  const { url, close } = await startCluster(answer);
  try {
    return await test(url);
  } finally {
    close();
  }
}

/** A command that prints a credential and counts how often it ran. */
function plugin(script: string): string {
  const path = join(temporaryFolder("plugin"), "plugin");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("Kubernetes API client", () => {
  it("signs in as the user of the current context, and sets bounds and replicas with its own field manager", async () => {
    const asked: string[] = [];
    await withCluster(
      ({ method, url, headers }, body) => {
        asked.push([method, url, headers.authorization, headers["content-type"] ?? "", body].join(" "));
        return { body: { metadata: { resourceVersion: "7" }, spec: { minReplicas: 3, maxReplicas: 9 } } };
      },
      async (server) => {
        const api = kubeApi(kubeconfigOf(server, { token: "secret" }));
        assert.deepEqual(await api.bounds("ns", "scaler"), { min: 3, max: 9 });
        await api.setBounds("ns", "scaler", { min: 8, max: 9 });
        await api.setReplicas("ns", "eks", 0);
      },
    );
    const path = "/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/scaler";
    assert.deepEqual(asked, [
      `GET ${path} Bearer secret  `,
      `GET ${path} Bearer secret  `,
      `PATCH ${path}?fieldManager=inference-traffic Bearer secret application/merge-patch+json {"metadata":{"resourceVersion":"7","annotations":{"inference/request-scaling":null}},"spec":{"minReplicas":8,"maxReplicas":9}}`,
      'PATCH /apis/apps/v1/namespaces/ns/deployments/eks/scale?fieldManager=inference-traffic Bearer secret application/merge-patch+json {"spec":{"replicas":0}}',
    ]);
  });

  it("reads a kubeconfig in YAML too", () =>
    withCluster(
      () => ({ body: { items: [{ message: "volume" }] } }),
      async (server) => {
        const text = [
          "clusters: [{name: c, cluster: {server: ",
          server,
          "}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: t}}]",
        ].join("");
        assert.deepEqual(await kubeApi(text).warnings("ns", "pod"), ["volume"]);
      },
    ));

  it("signs in with the command of the kubeconfig, once until its token expires", async () => {
    const tokens: (string | undefined)[] = [];
    const log = join(temporaryFolder("log"), "runs");
    const credential = '{"status":{"token":"\'$NAME-$1\'","expirationTimestamp":"2999-01-01T00:00:00Z"}}';
    const command = plugin(`echo run >> ${log}; echo '${credential}'`);
    await withCluster(
      ({ headers }) => {
        tokens.push(headers.authorization);
        return { body: { items: [] } };
      },
      async (server) => {
        const exec = { command, args: ["get"], env: [{ name: "NAME", value: "me" }] };
        const api = kubeApi(kubeconfigOf(server, { exec }));
        await api.pods("ns", { a: "b" });
        await api.pods("ns", { a: "b" });
      },
    );
    assert.deepEqual(tokens, ["Bearer me-get", "Bearer me-get"]);
  });

  it("reports why the sign-in failed, without secrets of the kubeconfig", async () => {
    const command = plugin("echo 'no credentials' >&2; exit 255");
    const exec = { command, args: ["hidden"], env: [] };
    const api = kubeApi(kubeconfigOf("http://127.0.0.1:1", { exec }), async () => {});
    await assert.rejects(api.bounds("ns", "scaler"), ({ message }: Error) => {
      assert.match(message, /Could not sign in to the cluster with `.*plugin`: no credentials/);
      return !message.includes("hidden");
    });
  });

  it("refuses a kubeconfig that is no YAML without the line that is wrong, and asks nobody", async () => {
    const broken = "clusters: []\nusers:\n- user:\n    token: hunter2: x\n";
    const api = kubeApi(broken, () => assert.fail("it asked again"));
    await assert.rejects(api.bounds("ns", "scaler"), ({ message }: Error) => {
      assert.equal(message, "kubeconfig: it must be valid YAML");
      return true;
    });
  });

  it("deletes a secret that is there or gone, and reports a refusal", async () => {
    let status = 200;
    await withCluster(
      () => ({ status, body: { message: "of the cluster" } }),
      async (server) => {
        const api = kubeApi(kubeconfigOf(server), () => assert.fail("it asked again"));
        for (status of [200, 404]) await api.deleteSecret("ns", "s");
        status = 403;
        await assert.rejects(api.deleteSecret("ns", "s"), /: DELETE \/api\/v1\/namespaces\/ns\/secrets\/s: 403 of the/);
      },
    );
  });

  it("retries when the server is busy, not when it refuses", async () => {
    let asked = 0;
    await withCluster(
      () => {
        asked++;
        return asked < 3
          ? { status: 503, body: { message: "busy" } }
          : { body: { metadata: {}, spec: { maxReplicas: 4 } } };
      },
      async (server) => {
        const api = kubeApi(kubeconfigOf(server, { token: "t" }), async () => {});
        assert.deepEqual(await api.bounds("ns", "scaler"), { min: 1, max: 4 }, "the default of Kubernetes");
      },
    );
    assert.equal(asked, 3);
    await withCluster(
      () => ({ status: 403, body: { message: "forbidden: not you" } }),
      async (server) => {
        const api = kubeApi(kubeconfigOf(server, { token: "t" }), () => assert.fail("it asked again"));
        await assert.rejects(
          api.deployment("ns", "d"),
          /Could not query the cluster, so the deployment is treated as failed: GET .*: 403 forbidden: not you/,
        );
      },
    );
  });
});
