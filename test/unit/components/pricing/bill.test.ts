import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bill,
  type Declared,
  type Load,
  ourInference,
  type Priceable,
  sum,
  sumOf,
} from "../../../../components/pricing";

const declare = (type: string, side: Declared["side"], inputs: Declared["inputs"] = {}): Declared => ({
  type,
  side,
  inputs,
});
const vpc = (strategy: string) =>
  declare("awsx:ec2:Vpc", "shared", {
    availabilityZoneNames: ["a", "b"],
    natGateways: { strategy },
    vpcEndpointSpecs: [
      { vpcEndpointType: "Gateway" },
      { vpcEndpointType: "Interface" },
      { vpcEndpointType: "Interface" },
    ],
  });
const balancer = declare("aws:lb/loadBalancer:LoadBalancer", "shared");
const onEcs = [
  vpc("Single"),
  balancer,
  declare("aws:ecs/cluster:Cluster", "ecs"),
  declare("aws:ecs/service:Service", "ecs"),
  declare("aws:cloudwatch/logGroup:LogGroup", "ecs", { retentionInDays: 30 }),
];
const onEks = [
  vpc("Single"),
  balancer,
  declare("eks:index:Cluster", "eks", { upgradePolicy: { supportType: "STANDARD" } }),
  declare("aws:eks/addon:Addon", "eks", { addonName: "amazon-cloudwatch-observability" }),
  declare("kubernetes:apps/v1:Deployment", "eks"),
];

const onDemand = { onDemandBase: 0, onDemandWeight: 1, spotWeight: 0 };
const spec = { architecture: "x86_64", cpuUnits: 1024, memoryMiB: 2048 } as const;
const stack = (over: Partial<Priceable> = {}): Priceable => ({
  region: "us-east-1",
  declared: onEcs,
  spec,
  spot: onDemand,
  bounds: { min: 1, max: 4 },
  insights: "enhanced",
  windows: [],
  publicZones: 2,
  podZones: 2,
  nodeCpu: "any",
  ...over,
});
const load = (over: Partial<Load> = {}): Load => ({
  hours: 730,
  replicas: 1,
  requestsPerSecond: 0,
  shares: { ecs: 1, eks: 0 },
  ...over,
});
const usd = (over: Partial<Priceable>, and: Partial<Load> = {}) => sum(bill(stack(over), load(and)));
const item = (name: string, declared: readonly Declared[], and: Partial<Load> = {}) =>
  bill(stack({ declared }), load(and)).find((line) => line.item === name);

const anyRegion = fc.constantFrom("us-east-1", "eu-west-1", "ap-southeast-1", "sa-east-1");
const anyPlan = fc.constantFrom(onEcs, onEks);
const replicas = fc.integer({ min: 0, max: 500 });
const weights = fc.record({
  onDemandBase: fc.integer({ min: 0, max: 10 }),
  onDemandWeight: fc.integer({ min: 0, max: 9 }),
  spotWeight: fc.integer({ min: 1, max: 9 }),
});
const anySpec = fc.record({
  architecture: fc.constantFrom("x86_64" as const, "arm64" as const),
  cpuUnits: fc.constantFrom(256, 512, 1024, 2048, 4096, 8192, 16384),
  memoryMiB: fc.constantFrom(512, 2048, 4096, 16384, 65536, 122880),
});

describe("Bill", () => {
  it("is never smaller with more replicas", () =>
    fc.assert(
      fc.property(anyRegion, anyPlan, anySpec, weights, replicas, replicas, (region, declared, size, spot, a, b) => {
        const [fewer, more] = [Math.min(a, b), Math.max(a, b)].map((count) =>
          usd({ region, declared, spec: size, spot }, { replicas: count }),
        );
        assert.ok((fewer ?? 0) <= (more ?? 0) + 1e-9);
      }),
    ));

  it("prices the windows of a schedule", () => {
    const nights = { from: "20:00", to: "08:00", timeZone: "UTC", min: 0, max: 0 };
    const windows = [{ ...nights, days: ["mon", "tue", "wed", "thu", "fri"] as const }];
    // Five nights of 12 h are 60 of 168 hours: 3 tasks for the other 108 are 1.92857 on the average.
    const [line] = bill(stack({ windows }), load({ replicas: 3 })).filter(({ item }) => item === "Fargate, vCPU");
    assert.equal(line?.formula, "1.92857 tasks × 1 vCPU × 730 h × 0.04048 per vCPU-hour");
    const floor = [{ ...nights, days: ["sat"] as const, min: 7, max: 9 }];
    // One night of 12 h at no fewer than 7: 3 + 4 × 12 / 168.
    const [more] = bill(stack({ windows: floor }), load({ replicas: 3 })).filter(
      ({ item }) => item === "Fargate, vCPU",
    );
    assert.match(more?.formula ?? "", /^3\.28571 tasks/);
    // The nodes of 3 pods in those hours alone; the control plane and the node of the system run at all hours.
    const nodesOf = (own: object) =>
      bill(stack({ declared: onEks, ...own }), load({ replicas: 3 }))
        .filter(({ item }) => item.startsWith("Nodes,") && !/insights/i.test(item))
        .reduce((sum, line) => sum + line.usd, 0);
    assert.ok(Math.abs(nodesOf({ windows }) / nodesOf({}) - 108 / 168) < 1e-9);
  });

  it("is never larger with Spot than without, unless a mix on EKS takes more nodes", () =>
    fc.assert(
      fc.property(anyRegion, anyPlan, anySpec, weights, replicas, (region, declared, size, divided, count) => {
        const spot = declared === onEks ? { onDemandBase: 0, onDemandWeight: 0, spotWeight: 1 } : divided;
        const plain = usd({ region, declared, spec: size }, { replicas: count });
        assert.ok(usd({ region, declared, spec: size, spot }, { replicas: count }) <= plain + 1e-9);
      }),
    ));

  it("is never smaller with more requests", () =>
    fc.assert(
      fc.property(
        anyPlan,
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        (declared, a, b) =>
          assert.ok(
            usd({ declared }, { requestsPerSecond: Math.min(a, b) }) <=
              usd({ declared }, { requestsPerSecond: Math.max(a, b) }) + 1e-9,
          ),
      ),
    ));

  it("grows with the hours, line by line", () =>
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 1, max: 365 }), (declared, days) =>
        assert.ok(Math.abs(usd({ declared }, { hours: 24 * days }) - days * usd({ declared }, { hours: 24 })) < 1e-6),
      ),
    ));

  it("includes the EKS control plane without replicas and requests", () => {
    const lines = bill(stack({ declared: onEks }), load({ replicas: 0, shares: { ecs: 0, eks: 1 } }));
    assert.equal(lines.find((line) => line.item === "EKS control plane")?.usd, 73);
    assert.equal(
      lines.some((line) => line.item.startsWith("Nodes")),
      false,
    );
  });

  it("divides into shared costs and those of each platform, without a remainder", () => {
    const lines = bill(
      stack({ declared: [...onEcs, ...onEks] }),
      load({ shares: { ecs: 0.5, eks: 0.5 }, requestsPerSecond: 9 }),
    );
    const parts = (["shared", "ecs", "eks"] as const).map((side) => sumOf(lines, side));
    assert.ok(parts.every((part) => part > 0));
    assert.ok(Math.abs(sum(lines) - parts.reduce((a, b) => a + b)) < 1e-9);
  });

  it("names formula and source in every line", () => {
    for (const line of bill(stack({ declared: onEks }), load({ requestsPerSecond: 5 }))) {
      assert.match(line.formula, /^[\d.]+ .+ × [\d.]+ per .+|^[\d.]+ GB × [\d.]+ per GB$/, line.item);
      assert.ok(line.source.length > 10, line.item);
    }
    assert.equal(item("NAT gateways", onEcs)?.formula, "1 gateway × 730 h × 0.045 per gateway-hour");
  });

  it("counts NAT gateways and endpoints by the VPC's inputs", () => {
    const count = (strategy: string) => item("NAT gateways", [vpc(strategy)])?.usd ?? 0;
    assert.deepEqual(
      [count("None"), count("Single"), count("OnePerAz")].map((usd) => usd.toFixed(2)),
      ["0.00", "32.85", "65.70"],
    );
    // 2 endpoints × 2 zones × 730 × 0.01
    assert.equal(item("Interface endpoints", [vpc("None")])?.usd.toFixed(2), "29.20");
  });

  it("bills extended support by the cluster's inputs", () => {
    const cluster = declare("eks:index:Cluster", "eks", { upgradePolicy: { supportType: "EXTENDED" } });
    assert.equal(item("EKS control plane", [cluster])?.usd, 438);
  });

  it("bills the metric that each request scaler asks for every minute", () => {
    const scaler = declare("kubernetes:apps/v1:StatefulSet", "eks");
    // 60 × 730 = 43,800 metrics × 0.01 per thousand
    assert.equal(item("Request metrics", [...onEks, scaler])?.usd.toFixed(3), "0.438");
    assert.equal(item("Request metrics", [...onEks, scaler, scaler])?.usd.toFixed(3), "0.876");
    assert.equal(item("Request metrics", onEks), undefined);
  });

  it("bills an alarm by its metrics, and adds equal ones up", () => {
    const alarm = (inputs: Declared["inputs"]) => declare("aws:cloudwatch/metricAlarm:MetricAlarm", "shared", inputs);
    const ratio = { metricQueries: [{ metric: {} }, { metric: {} }, { expression: "a / b" }] };
    // one metric and two: 3 × 0.10
    assert.equal(item("Alarms", [alarm({ metricName: "x" }), alarm(ratio)])?.usd.toFixed(2), "0.30");
  });

  it("bills the rules of a web ACL and each request it inspects", () => {
    const acl = declare("aws:wafv2/webAcl:WebAcl", "shared", { rules: [{}, {}] });
    const lines = bill(stack({ declared: [acl] }), load({ requestsPerSecond: 1 }));
    const of = (name: string) => lines.find((line) => line.item === name)?.usd.toFixed(2);
    // 5.00; 2 × 1.00; 3600 × 730 = 2.628 million × 0.60
    assert.deepEqual([of("WAF"), of("WAF rules"), of("WAF requests")], ["5.00", "2.00", "1.58"]);
  });

  it("bills access logs for as long as they are kept", () => {
    const rules = [{ expiration: { days: 90 } }];
    const bucket = declare("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "shared", { rules });
    // 10/s × 3600 × 730 × 73 bytes = 1.91844 GB a month, of 3 months × 0.023
    assert.equal(item("Access logs, kept", [bucket], { requestsPerSecond: 10 })?.usd.toFixed(2), "0.13");
    assert.equal(item("Access logs, kept", onEcs, { requestsPerSecond: 10 }), undefined);
  });

  it("bills the load balancer's capacity by the bytes of the photos", () =>
    // 10/s × 3600 × (112,525 + 633) bytes = 4.0737 GB an hour = 4.0737 LCU × 730 × 0.008
    assert.equal(item("Load balancer, capacity", onEcs, { requestsPerSecond: 10 })?.usd.toFixed(2), "23.79"));

  it("bills capacity and responses by the bytes of a measured request", () => {
    const inference = { ...ourInference, requestBytes: 2_000_000, responseBytes: 1_000_000 };
    const lines = bill(stack({ inference }), load({ requestsPerSecond: 10 }));
    const of = (name: string) => lines.find((line) => line.item === name)?.usd.toFixed(2);
    // 10/s × 3600 × 3 MB = 108 GB an hour = 108 LCU × 730 × 0.008; 10/s × 3600 × 730 × 1 MB = 26,280 GB × 0.09
    assert.deepEqual([of("Load balancer, capacity"), of("Responses to the internet")], ["630.72", "2365.20"]);
  });

  it("puts the tasks beyond the base on Spot, by the weights", () => {
    const spot = { onDemandBase: 1, onDemandWeight: 1, spotWeight: 3 };
    const formulas = bill(stack({ spot }), load({ replicas: 5 })).map(({ item, formula }) => [
      item,
      formula.split(" × ")[0],
    ]);
    // 5 - 1 = 4 beyond the base, three quarters of them on Spot
    assert.deepEqual(Object.fromEntries(formulas)["Fargate, vCPU"], "2 tasks");
    assert.deepEqual(Object.fromEntries(formulas)["Fargate Spot, vCPU"], "3 tasks");
  });

  it("puts each part of a mix on machines of its own", () => {
    const spot = { onDemandBase: 1, onDemandWeight: 0, spotWeight: 1 };
    const machines = (variants: number, replicas: number, podZones: number) => {
      const deployments = Array.from({ length: variants - 1 }, () => declare("kubernetes:apps/v1:Deployment", "eks"));
      const plan = { declared: [...onEks, ...deployments], spot, bounds: { min: 3, max: 12 }, podZones };
      return bill(stack(plan), load({ replicas, shares: { ecs: 0, eks: 1 } }))
        .filter(({ item }) => /^(Nodes|Spot nodes), \S+large$/.test(item))
        .map(({ item, formula }) => `${formula.split(" × ")[0]}: ${item}`);
    };
    // Three parts, one on demand: of six pods two.
    assert.deepEqual(machines(1, 6, 2), ["1 node: Nodes, c6a.xlarge", "2 nodes: Spot nodes, c6a.xlarge"]);
    // The base of each variant is on demand.
    assert.deepEqual(machines(2, 1, 2), ["1 node: Nodes, c6a.xlarge"]);
    // In four zones two of the nodes are on demand.
    assert.deepEqual(machines(1, 6, 4), ["2 nodes: Nodes, c6a.large", "2 nodes: Spot nodes, c6a.xlarge"]);
  });

  it("puts pods that need AMX on machines that have it", () => {
    const names = bill(stack({ declared: onEks, nodeCpu: "amx" }), load({ shares: { ecs: 0, eks: 1 } }))
      .map(({ item }) => item)
      .filter((item) => /node.*large$/i.test(item));
    assert.deepEqual(names, ["System node, c6g.large", "Nodes, c7i.large"]);
  });

  it("puts the pods of a zone on as few machines as hold them, separately for each zone", () => {
    const machines = (replicas: number, podZones = 1) =>
      bill(stack({ declared: onEks, podZones }), load({ replicas, shares: { ecs: 0, eks: 1 } }))
        .filter(({ item }) => /^Nodes, \S+large$/.test(item))
        .map(({ item, formula }) => `${formula.split(" × ")[0]} of ${item.slice("Nodes, ".length)}`);
    // A c6a.large has 2000 - 70 of the kubelet - 300 of the agents = 1630 millicores: one pod of 1000.
    assert.deepEqual(machines(1), ["1 node of c6a.large"]);
    // A c6a.xlarge has 4000 - 80 - 300 = 3620 and 8192 × 0.925 - 1565 - 153 = 5860 MiB: two pods of 2048; an m5a.xlarge has the memory for three.
    assert.deepEqual(machines(2), ["1 node of c6a.xlarge"]);
    assert.deepEqual(machines(3), ["1 node of m5a.xlarge"]);
    // Of two sizes: 2 × 0.086 + 0.0765 an hour, where two c6a.xlarge are 4 × 0.0765.
    assert.deepEqual(machines(4).sort(), ["1 node of c6a.large", "1 node of m5a.xlarge"]);
    // Two zones: two pods and one.
    assert.deepEqual(machines(3, 2), ["1 node of c6a.large", "1 node of c6a.xlarge"]);
    assert.deepEqual(machines(4, 2), ["2 nodes of c6a.xlarge"]);
  });

  const watched = (over: Partial<Priceable>, replicas: number) =>
    bill(stack({ podZones: 1, ...over }), load({ replicas }))
      .filter(({ item }) => item.includes("Container Insights"))
      .map(({ item, usd }) => [item, usd.toFixed(2)]);

  it("counts Container Insights of machines and pods only with the add-on in the cluster", () => {
    assert.deepEqual(watched({ declared: onEks }, 2), [
      ["System node, Container Insights", "3.55"], // 68 + 2 × (138 + 21) = 386 a minute: × 60 × 730 / 1,000,000 × 0.21
      ["Nodes, Container Insights", "3.55"], // one machine holds both
      ["Container Insights, cluster and pods", "23.13"], // 1720 + (3 + 2) × (138 + 21) = 2515 a minute
    ]);
    assert.deepEqual(watched({ declared: onEks.slice(-1) }, 2), []);
  });

  it("bills Container Insights by the key insights: custom metrics when it is standard, nothing when it is off", () => {
    assert.deepEqual(watched({ declared: onEks, insights: "standard" }, 2), [
      ["System node, Container Insights", "2.40"], // 8 × 0.30
      ["Nodes, Container Insights", "2.40"],
      ["Container Insights, cluster and pods", "27.90"], // 24 + (4 + 1) × 9 + (3 + 1) × 6 = 93 × 0.30
    ]);
    // 26 of the cluster + 53 of the service + 2 × 48 = 175 metrics × 0.07
    assert.deepEqual(watched({ declared: onEcs }, 2), [["Container Insights", "12.25"]]);
    // 12 of the cluster + 25 of the service = 37 × 0.30, however many tasks
    assert.deepEqual(watched({ declared: onEcs, insights: "standard" }, 2), [["Container Insights", "11.10"]]);
    for (const declared of [onEcs, onEks]) assert.deepEqual(watched({ declared, insights: "off" }, 2), []);
  });

  it("takes the next larger machine for a pod that does not fit, since the node keeps a part for itself", () => {
    const nodes = (cpuUnits: number, memoryMiB: number) =>
      bill(
        stack({ declared: onEks, spec: { architecture: "x86_64", cpuUnits, memoryMiB } }),
        load({ shares: { ecs: 0, eks: 1 } }),
      )
        .map((line) => line.item)
        .find((name) => /^Nodes, \S+large$/.test(name));
    assert.equal(nodes(1024, 2048), "Nodes, c6a.large");
    assert.equal(nodes(1024, 4096), "Nodes, m5a.large");
    assert.equal(nodes(2048, 4096), "Nodes, c6a.xlarge");
  });

  it("marks a price that is another region's", () => {
    const [line] = bill(stack({ region: "sa-east-1", declared: [balancer] }), load());
    assert.equal(line?.assumed, true);
    assert.match(line?.source ?? "", /price of us-east-1$/);
  });
});
