import assert from "node:assert/strict";
import { type Alarm, description, firesWhen } from "../../../../components/monitoring/alarm";
import { certificateExpires } from "../../../../components/monitoring/certificate-alarm";
import {
  loadBalancerAlarms,
  tooFewHealthy,
  variantAlarms,
} from "../../../../components/monitoring/load-balancer-alarms";
import { cpuAlarm, logAlarms, memoryAlarm } from "../../../../components/monitoring/replica-alarms";
import { unreachable } from "../../../../components/monitoring/uptime-check";
import { fires, type Series } from "../../support/synthetic-series";

const thresholds = { p99Seconds: 1, errorPercent: 5, loadBalancerErrors: 10 };
const standby = variantAlarms(thresholds);
const serving = [...standby, tooFewHealthy(3)];
const balancer = loadBalancerAlarms(thresholds);
const metric = (name: string) => ({ namespace: "AWS/ECS", metric: name });
const use = { cpu: cpuAlarm(metric("CPUUtilization")), memory: memoryAlarm(metric("MemoryUtilization")) };
const log = logAlarms("inference/test", 4);
const all = [...serving, ...balancer];
const onItsOwn = { cpu: [use.cpu], memory: [use.memory], log } as const;

const always = (value: number | undefined, minutes = 15) => Array.from({ length: minutes }, () => value);
/** Quiet at first, then what happened in the last minutes, oldest first. */
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

/** What happens to a service, and which of a serving variant's and the load balancer's alarms have to fire of it. */
const events: Readonly<Record<string, { series: Series; of?: readonly Alarm[]; firing: readonly string[] }>> = {
  "an ordinary day": { series: calm, firing: [] },
  "no traffic at all": { series: noTraffic, firing: [] },
  "one error in the one request of a minute": {
    series: { ...calm, requests: lately(undefined, 1, 1, 1), errors: lately(undefined, 1, 1, 1), seconds: always(9) },
    firing: [],
  },
  "three slow minutes": { series: { ...calm, seconds: lately(0.2, 1.1, 1.4, 1.2) }, firing: ["slow"] },
  "two slow minutes": { series: { ...calm, seconds: lately(0.2, 1.4, 1.2) }, firing: [] },
  "answers that take exactly the limit": { series: { ...calm, seconds: always(1) }, firing: [] },
  "slow minutes after which calls end": {
    series: {
      ...calm,
      seconds: lately(0.2, 1.4, ...always(undefined, 5)),
      requests: lately(600, 600, ...always(undefined, 5)),
    },
    firing: [],
  },
  "a release of which every tenth answer is an error": {
    series: { ...calm, errors: lately(undefined, 60, 62, 58) },
    firing: ["failing"],
  },
  "eleven calls in five minutes that no replica answers": {
    series: { ...calm, unanswered: lately(undefined, 11) },
    firing: ["no-answer"],
  },
  "ten calls in five minutes that no replica answers": {
    series: { ...calm, unanswered: lately(undefined, 10) },
    firing: [],
  },
  "errors at the limit and not above it": {
    series: { ...calm, errors: lately(undefined, 3, 3, 3), requests: always(60) },
    firing: [],
  },
  "errors for two minutes": { series: { ...calm, errors: lately(undefined, 60, 60, undefined) }, firing: [] },
  "a deployment in progress, whose new replicas load for four minutes": {
    series: { ...calm, healthy: lately(3, 3, 3, 4, 5, 6, 3), unhealthy: lately(0, 3, 3, 2, 1, 0, 0) },
    firing: [],
  },
  "a zone lost, whose replicas start elsewhere within three minutes": {
    series: { ...calm, healthy: lately(3, 2, 2, 2, 3, 3, 3), unhealthy: lately(0, 1, 1, 1, 0, 0, 0) },
    firing: [],
  },
  "a zone lost for good": {
    series: { ...calm, healthy: lately(3, ...always(2, 10)), unhealthy: lately(0, ...always(1, 10)) },
    firing: ["unhealthy", "too-few-healthy"],
  },
  "the last replica gone, and its metric with it": {
    series: {
      healthy: lately(3, ...always(undefined, 7)),
      unhealthy: lately(0, ...always(undefined, 7)),
      requests: always(undefined),
    },
    firing: ["too-few-healthy"],
  },
  // Who hears of these two is said in window-at-zero.test.ts: nobody.
  "a window at zero, in which nothing runs and somebody calls": {
    series: { healthy: lately(3, ...always(undefined, 7)), unanswered: lately(undefined, ...always(40, 7)) },
    firing: ["too-few-healthy", "no-answer"],
  },
  "a window at zero, as the world sees it": {
    series: { healthy: lately(1, ...always(0, 7)) },
    of: [unreachable],
    firing: ["unreachable"],
  },
  "a window at zero, of replicas that use nothing and write nothing": {
    series: {},
    of: [use.cpu, use.memory, ...log],
    firing: [],
  },
  "a standby without weight, cold": { series: {}, of: standby, firing: [] },
  "a standby without weight that does not start": {
    series: { unhealthy: always(1) },
    of: standby,
    firing: ["unhealthy"],
  },
  "CPU above 90 % for a quarter of an hour": {
    series: { used: lately(60, ...always(95)) },
    of: onItsOwn.cpu,
    firing: ["cpu"],
  },
  "CPU above 90 % until scaling has caught up": {
    series: { used: lately(60, ...always(95, 14), 70) },
    of: onItsOwn.cpu,
    firing: [],
  },
  "memory above 85 % for a quarter of an hour": {
    series: { used: lately(60, ...always(86)) },
    of: onItsOwn.memory,
    firing: ["memory"],
  },
  "memory at 85 %": { series: { used: always(85) }, of: onItsOwn.memory, firing: [] },
  "CPU of a side that does not run": { series: {}, of: [use.cpu, use.memory], firing: [] },
  "a container that cannot use its model": {
    series: { fatal: [0, 0, 1], starts: [0, 0, 0], goodbyes: [0, 0, 0] },
    of: onItsOwn.log,
    firing: ["fatal"],
  },
  "a log without a fatal line": {
    series: { fatal: [0, 0, 0], starts: [0, 1, 0], goodbyes: [0, 0, 0] },
    of: onItsOwn.log,
    firing: [],
  },
  "a log that says nothing": { series: {}, of: onItsOwn.log, firing: [] },
  "an hour in which five replicas more started than stopped, of four at most": {
    series: { fatal: [0], starts: [7], goodbyes: [2] },
    of: onItsOwn.log,
    firing: ["crashing"],
  },
  "an hour of three deployments and a scale-out to the most": {
    series: { fatal: [0], starts: [16], goodbyes: [12] },
    of: onItsOwn.log,
    firing: [],
  },
  "refused connections": { series: { ...calm, rejected: lately(undefined, 4, 4, 4) }, firing: ["rejected"] },
  "a certificate that nobody has renewed a month before its end": {
    series: { days: [31, 30, 29.5] },
    of: [certificateExpires],
    firing: ["certificate"],
  },
  "a certificate that ACM renews in time": {
    series: { days: [46, 45, 395] },
    of: [certificateExpires],
    firing: [],
  },
  "a certificate that ends in exactly a month": { series: { days: [31, 30] }, of: [certificateExpires], firing: [] },
  "three minutes in which most of the world finds nobody under the name": {
    series: { healthy: lately(1, 0, 0, 0) },
    of: [unreachable],
    firing: ["unreachable"],
  },
  "two minutes in which a name is not found": {
    series: { healthy: lately(1, 0, 0, 1) },
    of: [unreachable],
    firing: [],
  },
  "a check that was just made": { series: {}, of: [unreachable], firing: [] },
  "one refused connection": { series: { ...calm, rejected: lately(undefined, undefined, 1) }, firing: [] },
};

describe("The alarms on what callers meet", () => {
  for (const [event, { series, of = all, firing }] of Object.entries(events)) {
    it(`${firing.length > 0 ? `fire ${firing.join(" and ")}` : "stay silent"} at ${event}`, () => {
      assert.deepEqual(
        of.filter((alarm) => fires(alarm, series)).map(({ name }) => name),
        firing,
      );
    });
  }

  it("each fire at one of these events and stay silent at another", () => {
    for (const { name } of [...all, use.cpu, use.memory, ...log, certificateExpires, unreachable]) {
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

  it("take thresholds from the settings", () => {
    const [slow, failing] = variantAlarms({ ...thresholds, p99Seconds: 0.25, errorPercent: 0.5 });
    assert.equal(slow?.threshold, 0.25);
    assert.equal(failing?.threshold, 0.5);
  });

  it("roll a deployment back on latency and errors alone: a replica short is what a deployment looks like", () =>
    assert.deepEqual(
      all.filter(({ rollsBack }) => rollsBack).map(({ name }) => name),
      ["slow", "failing"],
    ));

  it("roll back on the same on a side without weight, where pinned calls try a version out", () =>
    assert.deepEqual(
      standby.map(({ name }) => name),
      ["slow", "failing", "unhealthy"],
    ));

  it("say when they fire, what to do and where more is said", () => {
    const [slow] = serving;
    assert.ok(slow);
    assert.equal(firesWhen(slow), "p99 latency, with 20 requests a minute or more, above 1 s in 3 of 3 minutes");
    assert.equal(firesWhen(certificateExpires), "Days to the certificate's expiry below 30 over a day");
    assert.match(description(slow), /raise replicas\.max or cpu.*More: docs\/runbook\.md#slow-answers$/);
    const home = "https://github.com/example/inference";
    for (const repository of [home, `${home}#readme`])
      assert.ok(description(slow, repository).endsWith(`More: ${home}/blob/HEAD/docs/runbook.md#slow-answers`));
  });
});
