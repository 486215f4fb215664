import assert from "node:assert/strict";
import type { Problem } from "../../../../components/core/problems";
import { missingPartProblems } from "../../../../components/eks-service/preflight/cluster-parts";
import { kubeconfigOf, startCluster } from "../../support/cluster-server";
import { declared, deployed } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-key-AbCdEf";
const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const metrics = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io";
const agent = "/apis/apps/v1/namespaces/kube-system/daemonsets/eks-pod-identity-agent";
const secretsDriver = "/apis/storage.k8s.io/v1/csidrivers/secrets-store.csi.k8s.io";
const efs = "/apis/storage.k8s.io/v1/csidrivers/efs.csi.aws.com";
const lbc = "/apis/elbv2.k8s.aws/v1beta1";

interface Case {
  readonly own?: Readonly<Record<string, unknown>>;
  readonly controller?: "auto" | "lbc";
  readonly isAuto?: boolean;
  readonly answer?: (path: string) => number;
}

/** What was asked, what is wrong, and the warnings. */
async function found({ own = {}, controller = "lbc", isAuto = false, answer = () => 200 }: Case, run = deployed) {
  const asked: string[] = [];
  const server = await startCluster(({ url = "" }) => {
    asked.push(url);
    return { status: answer(url), body: { message: "of the cluster" } };
  });
  let problems: readonly Problem[] = [];
  try {
    const cluster = { name: "team", kubeconfig: kubeconfigOf(server.url), controller };
    const settings = settingsOf({ target: "eks", network, eks: { cluster }, ...own });
    const plan = await run(async () => {
      problems = await missingPartProblems(settings, cluster, isAuto);
    });
    return { asked: asked.sort(), problems, warnings: plan.said("warning") };
  } finally {
    server.close();
  }
}

const lacking =
  (...paths: string[]) =>
  (path: string) =>
    paths.includes(path) ? 404 : 200;

const toAdd = (addon: string) => `: aws eks create-addon --cluster-name team --addon-name ${addon}`;

describe("The parts of an existing cluster", () => {
  it("are those that the stack needs", async () => {
    const volumes = { models: { efs: "fs-0123456789abcdef0", path: "/models" } };
    const everything = { secrets: { KEY: secret }, volumes };
    const cases: readonly [Case, readonly string[]][] = [
      [{}, [metrics, lbc]],
      [{ controller: "auto", isAuto: true }, [metrics]],
      [{ own: { modelUri: "s3://models/cats" } }, [metrics, agent, lbc]],
      [{ own: { modelUri: "s3://models/cats" }, isAuto: true }, [metrics, lbc]],
      [{ own: { permissions: [{ policy: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" }] } }, [metrics, agent, lbc]],
      [{ own: { scaling: { requestsPerMinutePerReplica: 60 } } }, [metrics, agent, lbc]],
      [{ own: { apiKeys: secret, internal: true }, isAuto: true }, [metrics, lbc, secretsDriver]],
      [{ own: everything }, [metrics, agent, lbc, efs, secretsDriver]],
    ];
    for (const [each, paths] of cases)
      assert.deepEqual(
        await found(each),
        { asked: [...paths].sort(), problems: [], warnings: [] },
        JSON.stringify(each),
      );
  });

  it("are missing where the API server has nothing, and the problem says how to add them", async () => {
    const own = { secrets: { KEY: secret } };
    const { problems, warnings } = await found({ own, answer: lacking(lbc, secretsDriver) });
    const expected = [
      "a cluster with the AWS Load Balancer Controller",
      `a cluster with the Secrets Store CSI driver and its AWS provider${toAdd("aws-secrets-store-csi-driver-provider")}`,
    ];
    assert.deepEqual(
      problems,
      expected.map((each) => ({ key: "eks.cluster.name", value: "team", expected: each })),
    );
    assert.deepEqual(warnings, []);
  });

  it("are no reason to refuse where pods run without them: a warning says what then does not happen", async () => {
    const { problems, warnings } = await found({
      own: { modelUri: "s3://models/cats" },
      answer: lacking(metrics, agent),
    });
    assert.deepEqual(problems, []);
    const unless = "so pods have no credentials for AWS, unless the agent has another name";
    assert.deepEqual(warnings, [
      `The cluster team has no metrics-server, so the number of pods does not follow their load${toAdd("metrics-server")}`,
      `The cluster team has no EKS Pod Identity agent, ${unless}${toAdd("eks-pod-identity-agent")}`,
    ]);
  });

  it("count as there where the kubeconfig's user may not look", async () => {
    const { problems, warnings } = await found({ own: { secrets: { KEY: secret } }, answer: () => 403 });
    assert.deepEqual([problems, warnings], [[], []]);
  });

  it("cannot be found by a user that the cluster does not know, and the kubeconfig stays secret", async () => {
    const { problems } = await found({ answer: () => 401 });
    const expected = /^one that reaches the cluster: it did not say what it has: GET \/apis\/\S+: 401 of the cluster$/;
    assert.deepEqual(
      problems.map(({ key, value }) => [key, value]),
      [["eks.cluster.kubeconfig", "[not shown]"]],
    );
    assert.match(problems[0]?.expected ?? "", expected);
  });

  it("are not asked for in a preview", async () => {
    assert.deepEqual((await found({ answer: () => 404 }, declared)).asked, []);
  });
});
