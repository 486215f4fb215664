import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Bounds } from "../../../../../components/core/schedule";
import { targetKey } from "../../../../../components/eks-service/in-cluster/minimum";
import { type KubeApi, kubeApi } from "../../../../../components/eks-service/kube-api";
import { liveBounds } from "../../../../../components/eks-service/live-bounds";
import { type Call, type Reply, ScriptInCluster } from "../../../support/script-in-cluster";
import { StoredAutoscaler } from "../../../support/stored-autoscaler";

const inCluster = {
  NAMESPACE: "inference",
  AUTOSCALER: "scaler",
  DEPLOYMENT: "eks",
  TOKEN_FILE: "token",
  KUBERNETES_SERVICE_HOST: "10.0.0.1",
  KUBERNETES_SERVICE_PORT: "443",
};
const cloudWatch = "https://monitoring.eu-west-1.amazonaws.com";
const agent = "http://169.254.170.23/v1/credentials";
const variables = {
  ...inCluster,
  REGION: "eu-west-1",
  CLOUDWATCH_URL: cloudWatch,
  TARGET_GROUP: "targetgroup/eks/1",
  LOAD_BALANCER: "app/inference/2",
  MINUTES: "15",
  EVERY_SECONDS: "60",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: agent,
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "identity",
};
const start = Date.parse("2026-12-01T10:00:30Z");

interface Query {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly MetricDataQueries: readonly object[];
}

/** An autoscaler that follows 100 requests a minute for each replica, with all that writes its minimum. */
class Cluster {
  readonly autoscaler = new StoredAutoscaler(2, 10, { [targetKey]: "100" });
  readonly calls: Call[] = [];
  /** The requests of every whole minute so far; the running one has many more. CloudWatch has only half of those of the newest. */
  requests = 0;
  /** As many of the newest minutes CloudWatch does not have yet. */
  missing = 0;
  /** In place of what CloudWatch answers. */
  refusal?: Reply;
  declared: Bounds = { min: 2, max: 10 };
  readonly scaler = new ScriptInCluster((call) => this.answer(call), start);

  constructor(private readonly kube: (cluster: Cluster) => KubeApi) {}

  get bounds() {
    return this.autoscaler.bounds;
  }

  async follow(): Promise<this> {
    await this.scaler.start("scale-by-requests", variables);
    return this;
  }

  /** Until the requests of now are those of 15 minutes: one round is enough, because every minute has as many. */
  async after(requests: number): Promise<string> {
    this.requests = requests;
    await this.scaler.round();
    return this.bounds;
  }

  /** A job of the schedule, to its end. */
  async job(min: number, max: number): Promise<string> {
    const job = new ScriptInCluster((call) => this.answer(call), start);
    await job.start("set-replicas", { ...inCluster, MIN: String(min), MAX: String(max) });
    assert.equal(job.exitCode, 0, job.said.join());
    return this.bounds;
  }

  get handOver() {
    const scaled = { namespace: "inference", deployment: "eks", autoscaler: "scaler", bounds: () => this.declared };
    return liveBounds(scaled, this.kube(this), () => {});
  }

  answer(call: Call): Reply {
    this.calls.push(call);
    if (call.url === agent) return this.credentials();
    if (call.url === cloudWatch) return this.refusal ?? this.metrics(JSON.parse(call.body) as Query);
    if (call.url.includes("/horizontalpodautoscalers/scaler")) return this.autoscaler.answer(call);
    if (/\/deployments\/eks(\/scale)?(\?|$)/.test(call.url)) return { body: { spec: { replicas: 2 } } };
    return { status: 404, body: { message: call.url } };
  }

  private credentials(): Reply {
    const Expiration = new Date(this.scaler.now + 3_600_000).toISOString();
    return { body: { AccessKeyId: "AK", SecretAccessKey: "SK", Token: "ST", Expiration } };
  }

  private metrics({ StartTime, EndTime }: Query): Reply {
    const running = Math.floor(this.scaler.now / 60_000) * 60;
    const Timestamps: number[] = [];
    for (let time = StartTime; time < EndTime; time += 60) Timestamps.push(time);
    const Values = Timestamps.map((time) => {
      const ago = (running - time) / 60;
      if (ago < 1) return 100_000;
      if (ago <= this.missing) return 0;
      return ago === 1 ? this.requests / 2 : this.requests;
    });
    // The load balancer reports no minute without requests.
    const kept = Timestamps.flatMap((time, index) => (Values[index] ? [[time, Values[index]] as const] : []));
    const result = {
      Id: "requests",
      StatusCode: "Complete",
      Timestamps: kept.map(([time]) => time),
      Values: kept.map(([, value]) => value),
    };
    return { body: { MetricDataResults: [result] } };
  }
}

describe("The request scaler", () => {
  let server: Server;
  let current: Cluster;
  before(async () => {
    server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      const { method = "", url = "" } = request;
      const { status = 200, body: answer } = current.answer({ method, url, headers: {}, body });
      response.writeHead(status).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const kube = () => {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const kubeconfig = {
      "current-context": "x",
      clusters: [{ name: "c", cluster: { server: address } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      users: [{ name: "u", user: { token: "t" } }],
    };
    return kubeApi(JSON.stringify(kubeconfig), async () => {});
  };
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = new Cluster(kube);
    current = cluster;
    await cluster.follow();
  });

  describe("asks CloudWatch", () => {
    const sent = () => {
      const found = cluster.calls.findLast(({ url }) => url === cloudWatch);
      assert.ok(found);
      return found;
    };

    it("for the requests of its target group in the last 15 complete minutes, and in two more in case the newest are late", () => {
      const { StartTime, EndTime, MetricDataQueries } = JSON.parse(sent().body) as Query;
      const at = (time: string) => Date.parse(`2026-12-01T${time}Z`) / 1000;
      assert.deepEqual([StartTime, EndTime], [at("09:42:00"), at("09:59:00")]);
      const Dimensions = [
        { Name: "TargetGroup", Value: "targetgroup/eks/1" },
        { Name: "LoadBalancer", Value: "app/inference/2" },
      ];
      const Metric = { Namespace: "AWS/ApplicationELB", MetricName: "RequestCount", Dimensions };
      assert.deepEqual(MetricDataQueries, [{ Id: "requests", MetricStat: { Metric, Period: 60, Stat: "Sum" } }]);
    });

    it("with the role of EKS Pod Identity, which it asks for again shortly before it ends", async () => {
      assert.equal(cluster.calls.find(({ url }) => url === agent)?.headers.authorization, "content of identity");
      assert.match(
        sent().headers.authorization ?? "",
        /^AWS4-HMAC-SHA256 Credential=AK\/20261201\/eu-west-1\/monitoring/,
      );
      assert.equal(sent().headers["x-amz-security-token"], "ST");
      const asked = () => cluster.calls.filter(({ url }) => url === agent).length;
      for (let minute = 0; minute < 50; minute++) await cluster.scaler.round();
      assert.equal(asked(), 1);
      for (let minute = 0; minute < 10; minute++) await cluster.scaler.round();
      assert.equal(asked(), 2);
    });
  });

  describe("sets the minimum", () => {
    it("to what the requests ask for, and to the base when they are over", async () => {
      assert.equal(await cluster.after(650), "7..10");
      assert.deepEqual(cluster.scaler.said.slice(1), ["scaler: minimum 2 is 7 now, after 650 requests in a minute"]);
      assert.equal(await cluster.after(0), "2..10");
    });

    it("also while CloudWatch is always late", async () => {
      cluster.missing = 3;
      assert.equal(await cluster.after(650), "7..10");
      cluster.missing = 4;
      assert.equal(await cluster.after(1000), "7..10", "so late that it looks as if there were none");
    });

    it("within the bounds", async () => {
      assert.equal(await cluster.after(5000), "10..10");
      assert.equal(await cluster.after(100), "2..10");
    });

    it("and writes nothing while nothing changes", async () => {
      await cluster.after(650);
      const patches = () => cluster.calls.filter(({ method }) => method === "PATCH").length;
      const before = patches();
      await cluster.after(650);
      assert.equal(patches(), before);
    });

    it("in its own name, as one patch that a conflict stops", async () => {
      await cluster.after(650);
      const patch = cluster.calls.findLast(({ method }) => method === "PATCH");
      assert.match(patch?.url ?? "", /scaler\?fieldManager=inference-requests$/);
      assert.deepEqual(Object.keys(JSON.parse(patch?.body ?? "{}").metadata), ["resourceVersion", "annotations"]);
    });

    it("and goes on from what it noted when it starts again", async () => {
      await cluster.after(650);
      const successor = new ScriptInCluster((call) => cluster.answer(call), cluster.scaler.now);
      cluster.requests = 0;
      cluster.refusal = { status: 500, body: "down" };
      await successor.start("scale-by-requests", variables);
      assert.equal(cluster.bounds, "7..10");
    });
  });

  describe("keeps the minimum", () => {
    for (const [title, refusal, says] of [
      [
        "when CloudWatch refuses",
        { status: 403, body: "AccessDenied" },
        /stays as it is: CloudWatch: 403 AccessDenied/,
      ],
      ["when CloudWatch is down", { status: 503, body: "busy" }, /stays as it is: CloudWatch: 503 busy/],
      [
        "when the answer is not complete",
        { body: { MetricDataResults: [{ StatusCode: "PartialData", Timestamps: [], Values: [] }] } },
        /stays as it is: CloudWatch: the requests are PartialData/,
      ],
    ] as const)
      it(title, async () => {
        await cluster.after(650);
        cluster.refusal = refusal;
        assert.equal(await cluster.after(0), "7..10");
        assert.match(cluster.scaler.said.at(-1) ?? "", says);
        cluster.refusal = undefined;
        assert.equal(await cluster.after(0), "2..10", "and goes on afterwards");
      });

    it("when the API server refuses", async () => {
      cluster.autoscaler.answer = () => ({ status: 403, body: { message: "forbidden" } });
      assert.equal(await cluster.after(650), "2..10");
      assert.match(cluster.scaler.said.at(-1) ?? "", /stays as it is: GET .*: 403 .*forbidden/);
    });
  });

  describe("beside the jobs of a schedule", () => {
    it("a job changes the base, and what the requests ask for stays", async () => {
      await cluster.after(650);
      assert.equal(await cluster.job(3, 9), "7..9");
      assert.equal(await cluster.after(0), "3..9");
    });

    it("a window with fewer replicas than the requests ask for has its own most, and the next one as many as they ask for", async () => {
      await cluster.after(650);
      assert.equal(await cluster.job(1, 3), "3..3");
      assert.equal(await cluster.after(650), "3..3");
      assert.equal(await cluster.job(2, 10), "7..10");
      assert.equal(await cluster.after(0), "2..10");
    });

    it("a window above what the requests ask for lowers to it at its end, not to the usual minimum", async () => {
      await cluster.after(650);
      assert.equal(await cluster.job(9, 10), "9..10");
      assert.equal(await cluster.job(2, 10), "7..10");
    });

    it("a job between its reading and its patch is not undone", async () => {
      cluster.autoscaler.meanwhile = () => cluster.autoscaler.change({ spec: { minReplicas: 4, maxReplicas: 9 } });
      assert.equal(await cluster.after(650), "7..9");
      assert.equal(await cluster.after(0), "4..9");
    });

    it("its patch between the reading and the patch of a job is not undone", async () => {
      await cluster.after(300);
      cluster.autoscaler.meanwhile = () =>
        cluster.autoscaler.change({
          metadata: { annotations: { "inference/request-scaling": '{"asked":7,"base":2,"minimum":7}' } },
          spec: { minReplicas: 7 },
        });
      assert.equal(await cluster.job(1, 9), "7..9");
      assert.equal(await cluster.after(0), "1..9");
    });
  });

  describe("beside the hand-over of traffic", () => {
    it("a raised minimum returns to what the requests ask for", async () => {
      assert.equal(await cluster.handOver.raise(8), true);
      assert.equal(await cluster.after(650), "8..10");
      await cluster.handOver.release();
      assert.equal(cluster.bounds, "7..10");
      assert.equal(await cluster.after(0), "2..10");
    });

    it("a hand-over raises above what the requests ask for, and both are kept", async () => {
      await cluster.after(650);
      assert.equal(await cluster.handOver.raise(4), true, "the requests may be over before the release");
      assert.equal(cluster.bounds, "7..10");
      assert.equal(await cluster.after(0), "4..10");
      assert.equal(await cluster.after(950), "10..10");
      await cluster.handOver.release();
      assert.equal(cluster.bounds, "10..10");
      assert.equal(await cluster.after(0), "2..10");
    });

    it("what the requests raise is no raise of the hand-over", async () => {
      await cluster.after(650);
      assert.equal(await cluster.handOver.raise(2), false);
    });

    it("a minimum that a killed update raised is kept until the release, and is no base afterwards", async () => {
      await cluster.handOver.raise(8);
      await cluster.after(950);
      await cluster.handOver.prove();
      assert.equal(await cluster.after(0), "8..10");
      await cluster.handOver.release();
      assert.equal(await cluster.after(0), "2..10");
    });

    it("an update that changes nothing changes nothing while the requests raise the minimum", async () => {
      await cluster.after(650);
      const { live } = cluster.autoscaler;
      await cluster.handOver.prove();
      await cluster.handOver.release();
      assert.equal(cluster.autoscaler.live, live);
    });

    it("a new declared minimum is the base, also below what the requests ask for", async () => {
      await cluster.after(650);
      cluster.declared = { min: 4, max: 6 };
      await cluster.handOver.prove();
      assert.equal(cluster.bounds, "6..6");
      assert.equal(await cluster.after(0), "4..6");
    });

    it("its patch between the reading and the patch of the hand-over is not undone", async () => {
      await cluster.after(300);
      const { handOver } = cluster;
      let readings = 0;
      const { answer } = cluster.autoscaler;
      cluster.autoscaler.answer = (call) => {
        // The second reading is that of the patch itself.
        if (call.method === "GET" && ++readings === 2)
          cluster.autoscaler.meanwhile = () =>
            cluster.autoscaler.change({
              metadata: { annotations: { "inference/request-scaling": '{"asked":9,"base":2,"minimum":9}' } },
              spec: { minReplicas: 9 },
            });
        return answer.call(cluster.autoscaler, call);
      };
      await handOver.raise(5);
      assert.equal(cluster.bounds, "9..10");
      assert.equal(await cluster.after(0), "5..10");
    });
  });

  describe("beside somebody who knows of no note", () => {
    it("a minimum set by hand is the base", async () => {
      await cluster.after(650);
      cluster.autoscaler.change({ spec: { minReplicas: 5 } });
      assert.equal(await cluster.after(650), "7..10");
      assert.equal(await cluster.after(0), "5..10");
    });

    it("another maximum set by hand does not make a base of what the requests raised", async () => {
      await cluster.after(5000);
      assert.equal(cluster.bounds, "10..10");
      cluster.autoscaler.change({ spec: { maxReplicas: 15 } });
      assert.equal(await cluster.after(0), "2..15");
    });

    it("a note that is none is ignored", async () => {
      cluster.autoscaler.change({ metadata: { annotations: { "inference/request-scaling": "2" } } });
      assert.equal(await cluster.after(650), "7..10");
      assert.equal(await cluster.after(0), "2..10");
    });
  });

  describe("when the key is removed", () => {
    /** What Pulumi applies: the autoscaler without the annotation, with the declared bounds. */
    const remove = () =>
      cluster.autoscaler.change({ metadata: { annotations: { [targetKey]: null } }, spec: { minReplicas: 2 } });

    it("raises nothing any more, before it is deleted itself", async () => {
      await cluster.after(650);
      remove();
      assert.equal(await cluster.after(650), "2..10");
      assert.deepEqual(cluster.autoscaler.live.metadata.annotations, {});
    });

    it("does not raise it between its reading and its patch either", async () => {
      cluster.autoscaler.meanwhile = remove;
      assert.equal(await cluster.after(650), "2..10");
    });

    it("the hand-over leaves no note behind", async () => {
      await cluster.after(650);
      remove();
      await cluster.handOver.raise(8);
      await cluster.handOver.release();
      assert.equal(cluster.bounds, "2..10");
      assert.deepEqual(cluster.autoscaler.live.metadata.annotations, {});
    });

    it("returns the minimum to its base when only the annotation is removed", async () => {
      await cluster.after(650);
      cluster.autoscaler.change({ metadata: { annotations: { [targetKey]: null } } });
      assert.equal(await cluster.after(650), "2..10");
    });
  });
});
