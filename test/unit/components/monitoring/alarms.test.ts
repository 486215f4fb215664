import assert from "node:assert/strict";
import { type Alarm, description, firesWhen, type Limits, type Scope } from "../../../../components/monitoring/alarm";
import { alarms } from "../../../../components/monitoring/alarms";
import { limitsOf } from "../../../../components/monitoring/limits";
import { fires, ruleOf, type Series } from "../../support/synthetic-series";

const limits: Limits = { p99Seconds: 1, errorPercent: 5, loadBalancerErrors: 10, fewestReplicas: 3, mostReplicas: 4 };
const inScopes = (...scopes: readonly Scope[]) => alarms.filter(({ scope }) => scopes.includes(scope));

function named(name: string): Alarm {
  const alarm = alarms.find((each) => each.name === name);
  assert.ok(alarm, `there is no alarm ${name}`);
  return alarm;
}

/** The alarms of a variant with weight and of the load balancer. */
const all = inScopes("variant", "servingVariant", "loadBalancer");
const standby = inScopes("variant");
const log = inScopes("logs");

const always = (value: number | undefined, minutes = 15) => Array.from({ length: minutes }, () => value);
/** The usual value, then the last minutes, oldest first. */
const lately = (usual: number | undefined, ...last: (number | undefined)[]) => [...always(usual), ...last];

const calm: Series = {
  seconds: always(0.2),
  requests: always(600),
  errors: always(undefined),
  healthy: always(3),
  unhealthy: always(0),
  rejected: always(undefined),
};
const noTraffic: Series = { healthy: always(3), unhealthy: always(0) };

/** What happens to a service, and which of the alarms fire: by default of those of a variant with weight and of the load balancer. */
const events: Readonly<Record<string, { series: Series; of?: readonly Alarm[]; firing: readonly string[] }>> = {
  "ordinary traffic": { series: calm, firing: [] },
  "no traffic": { series: noTraffic, firing: [] },
  "one request a minute, which fails": {
    series: { ...calm, requests: lately(undefined, 1, 1, 1), errors: lately(undefined, 1, 1, 1), seconds: always(9) },
    firing: [],
  },
  "three slow minutes": { series: { ...calm, seconds: lately(0.2, 1.1, 1.4, 1.2) }, firing: ["slow"] },
  "two slow minutes": { series: { ...calm, seconds: lately(0.2, 1.4, 1.2) }, firing: [] },
  "latency exactly at the limit": { series: { ...calm, seconds: always(1) }, firing: [] },
  "one slow minute, then no requests": {
    series: {
      ...calm,
      seconds: lately(0.2, 1.4, ...always(undefined, 5)),
      requests: lately(600, 600, ...always(undefined, 5)),
    },
    firing: [],
  },
  "a release that answers every tenth request with an error": {
    series: { ...calm, errors: lately(undefined, 60, 62, 58) },
    firing: ["failing"],
  },
  "eleven 5xx of the load balancer in five minutes": {
    series: { ...calm, unanswered: lately(undefined, 11) },
    firing: ["no-answer"],
  },
  "ten 5xx of the load balancer in five minutes": {
    series: { ...calm, unanswered: lately(undefined, 10) },
    firing: [],
  },
  "errors exactly at the limit": {
    series: { ...calm, errors: lately(undefined, 3, 3, 3), requests: always(60) },
    firing: [],
  },
  "errors for two minutes": { series: { ...calm, errors: lately(undefined, 60, 60, undefined) }, firing: [] },
  "a deployment whose new replicas load for four minutes": {
    series: { ...calm, healthy: lately(3, 3, 3, 4, 5, 6, 3), unhealthy: lately(0, 3, 3, 2, 1, 0, 0) },
    firing: [],
  },
  "a lost zone, its replicas replaced within three minutes": {
    series: { ...calm, healthy: lately(3, 2, 2, 2, 3, 3, 3), unhealthy: lately(0, 1, 1, 1, 0, 0, 0) },
    firing: [],
  },
  "a lost zone, its replicas not replaced": {
    series: { ...calm, healthy: lately(3, ...always(2, 10)), unhealthy: lately(0, ...always(1, 10)) },
    firing: ["unhealthy", "too-few-healthy"],
  },
  "no replica left, and no metric": {
    series: {
      healthy: lately(3, ...always(undefined, 7)),
      unhealthy: lately(0, ...always(undefined, 7)),
      requests: always(undefined),
    },
    firing: ["too-few-healthy"],
  },
  // They page nobody: muted-windows.test.ts.
  "a window with 0 replicas, in which somebody calls": {
    series: { healthy: lately(3, ...always(undefined, 7)), unanswered: lately(undefined, ...always(40, 7)) },
    firing: ["too-few-healthy", "no-answer"],
  },
  "a window with 0 replicas, seen by Route 53": {
    series: { healthy: lately(1, ...always(0, 7)) },
    of: [named("unreachable")],
    firing: ["unreachable"],
  },
  "a window with 0 replicas, without utilization or logs": {
    series: {},
    of: inScopes("replicas", "logs"),
    firing: [],
  },
  "a variant without weight and without replicas": { series: {}, of: standby, firing: [] },
  "a variant without weight that does not start": {
    series: { unhealthy: always(1) },
    of: standby,
    firing: ["unhealthy"],
  },
  "CPU above 90 % for 15 minutes": {
    series: { used: lately(60, ...always(95)) },
    of: [named("cpu")],
    firing: ["cpu"],
  },
  "CPU above 90 % for 14 minutes": {
    series: { used: lately(60, ...always(95, 14), 70) },
    of: [named("cpu")],
    firing: [],
  },
  "memory above 85 % for 15 minutes": {
    series: { used: lately(60, ...always(86)) },
    of: [named("memory")],
    firing: ["memory"],
  },
  "memory exactly at 85 %": { series: { used: always(85) }, of: [named("memory")], firing: [] },
  "no utilization metrics": { series: {}, of: inScopes("replicas"), firing: [] },
  "a container that cannot load its model": {
    series: { fatal: [0, 0, 1], starts: [0, 0, 0], shutdowns: [0, 0, 0] },
    of: log,
    firing: ["fatal"],
  },
  "a log without a fatal line": {
    series: { fatal: [0, 0, 0], starts: [0, 1, 0], shutdowns: [0, 0, 0] },
    of: log,
    firing: [],
  },
  "no log lines": { series: {}, of: log, firing: [] },
  "five more starts than shutdowns in an hour, with four replicas at most": {
    series: { fatal: [0], starts: [7], shutdowns: [2] },
    of: log,
    firing: ["crashing"],
  },
  "three deployments and a scale-out to the maximum in an hour": {
    series: { fatal: [0], starts: [16], shutdowns: [12] },
    of: log,
    firing: [],
  },
  "rejected connections in three minutes": {
    series: { ...calm, rejected: lately(undefined, 4, 4, 4) },
    firing: ["rejected"],
  },
  "a certificate with 29.5 days left": {
    series: { days: [31, 30, 29.5] },
    of: [named("certificate")],
    firing: ["certificate"],
  },
  "a certificate that ACM renews 45 days before its end": {
    series: { days: [46, 45, 395] },
    of: [named("certificate")],
    firing: [],
  },
  "a certificate with 30 days left": { series: { days: [31, 30] }, of: [named("certificate")], firing: [] },
  "three minutes in which Route 53 reaches nothing": {
    series: { healthy: lately(1, 0, 0, 0) },
    of: [named("unreachable")],
    firing: ["unreachable"],
  },
  "two minutes in which Route 53 reaches nothing": {
    series: { healthy: lately(1, 0, 0, 1) },
    of: [named("unreachable")],
    firing: [],
  },
  "a new health check without measurements": { series: {}, of: [named("unreachable")], firing: [] },
  "one rejected connection": { series: { ...calm, rejected: lately(undefined, undefined, 1) }, firing: [] },
};

describe("The alarm catalogue", () => {
  for (const [event, { series, of = all, firing }] of Object.entries(events)) {
    it(`${event}: fires ${firing.join(" and ") || "nothing"}`, () => {
      assert.deepEqual(
        of.filter((alarm) => fires(ruleOf(alarm, limits), series)).map(({ name }) => name),
        firing,
      );
    });
  }

  it("has an event for each alarm at which it fires and one at which it does not", () => {
    for (const { name } of alarms) {
      assert.ok(
        Object.values(events).some(({ firing }) => firing.includes(name)),
        name,
      );
      assert.ok(
        Object.values(events).some(
          ({ firing, of = all }) => of.some((alarm) => alarm.name === name) && !firing.includes(name),
        ),
        name,
      );
    }
  });

  it("gives every alarm its own name", () => assert.equal(new Set(alarms.map(({ name }) => name)).size, alarms.length));

  it("names every signal in the formula, and has one signal without a formula", () => {
    for (const { name, signals, formula } of alarms) {
      const ids = Object.keys(signals);
      if (formula === undefined) assert.equal(ids.length, 1, name);
      else for (const id of ids) assert.match(formula.expression, new RegExp(`\\b${id}\\b`), name);
    }
  });

  it("rolls a deployment back on latency and errors only: too few replicas are normal during a deployment", () =>
    assert.deepEqual(
      alarms.filter(({ rollsBack }) => rollsBack).map(({ name }) => name),
      ["slow", "failing"],
    ));

  it("rolls back variants without weight as well: callers try a new version there by its header", () =>
    assert.deepEqual(
      standby.map(({ name }) => name),
      ["slow", "failing", "unhealthy"],
    ));

  it("takes the limits of one workload from its settings and schedule", () => {
    const window = { days: ["sat"], from: "00:00", to: "24:00", timeZone: "UTC" } as const;
    const schedule = { night: { ...window, min: 0, max: 0 }, small: { ...window, min: 2, max: 4 } };
    const spec = { replicas: { min: 3, max: 9 }, schedule };
    const own = { p99Seconds: 0.25, errorPercent: 0.5, loadBalancerErrors: 2 };
    assert.deepEqual(limitsOf({ spec }, own), { ...own, fewestReplicas: 2, mostReplicas: 9 });
  });
});

describe("An alarm's mail", () => {
  it("says when the alarm fires, in the words that fit it", () => {
    const texts = Object.fromEntries(alarms.map((alarm) => [alarm.name, firesWhen(alarm, limits)]));
    assert.deepEqual(texts, {
      slow: "p99 latency above 1 s for 3 consecutive minutes, with at least 20 requests a minute",
      failing: "More than 5 % of responses are 5xx for 3 consecutive minutes, with at least 20 requests a minute",
      unhealthy: "1 or more unhealthy replicas for 10 consecutive minutes",
      "too-few-healthy": "Fewer than 3 healthy replicas for 5 consecutive minutes",
      cpu: "Average CPU of the replicas above 90 % for 15 consecutive minutes",
      memory: "Average memory of the replicas above 85 % for 15 consecutive minutes",
      "no-answer": "The load balancer itself responded with 5xx more than 10 times in 5 minutes",
      rejected: "The load balancer rejected 1 or more connections a minute for 3 consecutive minutes",
      unreachable: "Route 53 cannot reach the URL for 3 consecutive minutes",
      certificate: "The certificate expires in less than 30 days",
      fatal: "1 or more fatal log lines in 5 minutes",
      crashing: "More than 4 container starts without a matching shutdown in 60 minutes",
    });
    assert.equal(
      firesWhen(named("too-few-healthy"), { ...limits, fewestReplicas: 1 }),
      "No healthy replica for 5 consecutive minutes",
    );
  });

  it("says what to do and links to the runbook, at the homepage of package.json", () => {
    const text = (homepage?: string) => description(named("slow"), limits, homepage);
    // This repository has no homepage; a fork may have one.
    const { homepage: own }: { homepage?: string } = require("../../../../package.json");
    assert.match(text(), /then raise replicas\.max or cpu\..* Runbook: \S*docs\/runbook\.md#slow-answers$/);
    assert.ok(text().endsWith(` Runbook: ${own ? `${own}/blob/HEAD/` : ""}docs/runbook.md#slow-answers`));
    const home = "https://github.com/example/inference";
    for (const homepage of [home, `${home}#readme`])
      assert.ok(text(homepage).endsWith(` Runbook: ${home}/blob/HEAD/docs/runbook.md#slow-answers`));
  });

  it("fits into the description of a CloudWatch alarm", () => {
    for (const alarm of alarms)
      assert.ok(description(alarm, limits, "https://example.com/".padEnd(100, "x")).length <= 1024);
  });
});
