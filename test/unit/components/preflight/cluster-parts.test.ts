import assert from "node:assert/strict";
import type { Problem } from "../../../../components/core/problems";
import { kubeApi } from "../../../../components/eks-service/kube-api";
import { missingPartProblems } from "../../../../components/eks-service/preflight/cluster-parts";
import { kubeconfigOf, startCluster } from "../../support/cluster-server";
import { deployed } from "../../support/mock-cloud";
import { network } from "../../support/preflight";
import { settingsOf } from "../../support/settings";

const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-key-AbCdEf";
const metrics = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io";
const agent = "/apis/apps/v1/namespaces/kube-system/daemonsets/eks-pod-identity-agent";
const secretsDriver = "/apis/storage.k8s.io/v1/csidrivers/secrets-store.csi.k8s.io";
const efs = "/apis/storage.k8s.io/v1/csidrivers/efs.csi.aws.com";
const lbc = "/apis/elbv2.k8s.aws/v1beta1";

interface Case {
  readonly own?: Readonly<Record<string, unknown>>;
  readonly controller?: "auto" | "lbc";
  readonly isAuto?: boolean;
  readonly hasPods?: boolean;
  readonly answer?: (path: string) => number;
}

/** What was asked, what is wrong, and the warnings. */
async function found({ own = {}, controller = "lbc", isAuto = false, hasPods = false, answer = () => 200 }: Case) {
  const asked: string[] = [];
  const server = await startCluster(({ url = "" }) => {
    asked.push(url);
    return { status: answer(url), body: { message: "of the cluster" } };
  });
  let problems: readonly Problem[] = [];
  try {
    const cluster = { name: "team", kubeconfig: kubeconfigOf(server.url), controller };
    const api = kubeApi(cluster.kubeconfig, async () => {});
    const settings = settingsOf({ target: "eks", network, eks: { cluster }, ...own });
    const plan = await deployed(async () => {
      problems = await missingPartProblems(settings, cluster, { isAuto, hasPods }, api);
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

const toAdd = (addon: string, values = "") =>
  `: aws eks create-addon --region eu-west-1 --cluster-name team --addon-name ${addon}${values}`;
const withSync = ` --configuration-values '{"secrets-store-csi-driver":{"syncSecret":{"enabled":true}}}'`;
const digest = `sha256:${"a".repeat(64)}`;
const ofEcr = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/models@${digest}`;
const ghcr = { imageCredentials: secret, image: `ghcr.io/team/model@${digest}` };
const cats = { modelUri: "s3://models/cats" };

describe("The parts of an existing cluster", () => {
  it("are those that the stack needs", async () => {
    const volumes = { models: { efs: "fs-0123456789abcdef0", path: "/models" } };
    const policy = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    const night = { days: ["mon"], from: "20:00", to: "23:00", timeZone: "UTC", min: 0, max: 0 };
    const ecsAlone = {
      target: "variants",
      variants: { a: { target: "ecs", weight: 50, image: ghcr.image }, b: { target: "eks", weight: 50 } },
      ...{ imageCredentials: secret, image: ofEcr },
    };
    const cases: readonly (readonly [Case, readonly string[]])[] = [
      [{}, [metrics, lbc]],
      [{ controller: "auto", isAuto: true }, [metrics]],
      [{ own: { replicas: { min: 2, max: 2 } } }, [lbc]],
      [{ own: { replicas: { min: 2, max: 2 }, schedule: { night } } }, [metrics, lbc]],
      [{ own: cats }, [metrics, agent, lbc]],
      [{ own: cats, isAuto: true }, [metrics, lbc]],
      [{ own: { permissions: [{ policy }] } }, [metrics, agent, lbc]],
      [{ own: { scaling: { requestsPerMinutePerReplica: 60 } } }, [metrics, agent, lbc]],
      [{ own: { apiKeys: secret, internal: true }, isAuto: true }, [metrics, lbc, secretsDriver]],
      [{ own: ghcr, isAuto: true }, [metrics, lbc, secretsDriver]],
      [{ own: { imageCredentials: secret, image: ofEcr } }, [metrics, lbc]],
      [{ own: ecsAlone }, [metrics, lbc]],
      [{ own: { secrets: { KEY: secret }, volumes } }, [metrics, agent, lbc, efs, secretsDriver]],
    ];
    for (const [each, paths] of cases) {
      const expected = { asked: [...paths].sort(), problems: [], warnings: [] };
      assert.deepEqual(await found(each), expected, JSON.stringify(each));
    }
  });

  it("are missing where the API server has nothing, and the problem says how to add them", async () => {
    const own = { secrets: { KEY: secret } };
    const { problems, warnings } = await found({ own, answer: lacking(lbc, secretsDriver) });
    const installation = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/";
    const expected = [
      `a cluster with the AWS Load Balancer Controller: ${installation}`,
      `a cluster with the Secrets Store CSI driver${toAdd("aws-secrets-store-csi-driver-provider", withSync)}`,
    ];
    assert.deepEqual(
      problems,
      expected.map((each) => ({ key: "eks.cluster.name", value: "team", expected: each })),
    );
    assert.deepEqual(warnings, []);
  });

  it("need no controller of the owner's in Auto Mode, which has one", async () => {
    const { problems } = await found({ isAuto: true, answer: lacking(lbc) });
    assert.match(problems[0]?.expected ?? "", /: set eks\.cluster\.controller to auto, as it is in Auto Mode$/);
  });

  it("are no reason to refuse where pods run without them: a warning says what then does not happen", async () => {
    const { problems, warnings } = await found({ own: cats, answer: lacking(metrics, agent) });
    assert.deepEqual(problems, []);
    const unless = "so pods have no credentials for AWS, unless the Pod Identity agent has another name there";
    assert.deepEqual(warnings, [
      `The cluster team has no metrics-server, so the autoscaler cannot read CPU and memory${toAdd("metrics-server")}`,
      `The cluster team has no DaemonSet eks-pod-identity-agent, ${unless}${toAdd("eks-pod-identity-agent")}`,
    ]);
  });

  it("are no reason to refuse once pods run there: their traffic may have to move away", async () => {
    const { problems, warnings } = await found({ hasPods: true, answer: lacking(lbc) });
    assert.deepEqual(problems, []);
    assert.match(
      warnings.join(),
      /^The cluster team has no AWS Load Balancer Controller, so the load balancer sends no requests to new pods: /,
    );
  });

  it("count as there where the kubeconfig's user may not look", async () => {
    const { problems, warnings } = await found({ own: { secrets: { KEY: secret } }, answer: () => 403 });
    assert.deepEqual([problems, warnings], [[], []]);
  });

  for (const [status, times] of [
    [401, 1],
    [503, 2],
  ] as const)
    it(`cannot be checked in a cluster that answers ${status}, which is a warning once pods run there`, async () => {
      const answer = () => status;
      const reason = `the request failed: GET ${lbc}: ${status} of the cluster`;
      const own = { replicas: { min: 2, max: 2 } };
      const first = await found({ own, answer });
      const expected = `a cluster that accepts eks.cluster.kubeconfig from this machine: ${reason}`;
      assert.deepEqual(first.problems, [{ key: "eks.cluster.name", value: "team", expected }]);
      assert.equal(first.asked.length, times);
      const later = await found({ own, answer, hasPods: true });
      assert.deepEqual(later.problems, []);
      assert.deepEqual(later.warnings, [`Could not check what the cluster team has: ${reason}`]);
    });

  it("are waited for no longer than a person does", async () => {
    const cluster = { name: "team", kubeconfig: "", controller: "lbc" } as const;
    const settings = settingsOf({
      target: "eks",
      network,
      eks: { cluster: { ...cluster, kubeconfig: kubeconfigOf("x") } },
    });
    const silent = { lacks: () => new Promise<boolean>(() => {}) };
    const [problem] = await missingPartProblems(settings, cluster, { isAuto: false, hasPods: false }, silent, 20);
    assert.match(problem?.expected ?? "", /from this machine: no answer in 0\.02 s$/);
  });
});
