import assert from "node:assert/strict";
import { type Ended, faultsOf, report } from "../../../tools/soak/report";
import { growthPerHour } from "../../../tools/soak/slope";

const samples = (megabytes: (second: number) => number, seconds = 900) =>
  Array.from({ length: seconds }, (_, second) => ({ seconds: second, megabytes: megabytes(second) }));
const isNear = (value: number, expected: number) => assert.ok(Math.abs(value - expected) < 2, `${value}`);

describe("growthPerHour of a soak", () => {
  it("is the slope of memory that grows evenly", () => isNear(growthPerHour(samples((at) => 300 + at / 36)), 100));
  it("is 0 of even memory", () => assert.equal(growthPerHour(samples(() => 300)), 0));
  it("leaves out the first third, in which the server warms up", () =>
    isNear(growthPerHour(samples((at) => Math.min(300, at))), 0));
  it("leaves out bursts", () => isNear(growthPerHour(samples((at) => (at % 60 < 4 ? 400 : 300))), 0));
});

const said = (status: number, body = "{}") => ({ index: 0, status, latencyMs: 12, body });
const cat = (confidence: number, name = "cat") =>
  JSON.stringify({ predictions: [{ class: name, confidence }], latency_seconds: Math.random() });

const passed: Ended = {
  seconds: 900,
  capacity: 40,
  perSecond: 32,
  steady: [said(200, cat(0.5)), said(503), said(500, '{"code":"worker_lost"}')],
  bursts: [said(503)],
  references: [cat(0.5004)],
  health: [said(200)],
  bad: [{ name: "noise", status: 400, isExpected: true }],
  slow: [408],
  kills: 2,
  losses: 2,
  samples: samples((at) => 300 + at),
  held: samples(() => 290),
  growthMbPerHour: 10,
  before: { sockets: 3, threads: 20 },
  after: { sockets: 3, threads: 20 },
  isReady: true,
  end: "exit code 0",
};

describe("the report of a soak", () => {
  it("has no fault when all is answered as documented", () => assert.deepEqual(faultsOf(passed), []));

  it("fits into 80 columns", () => {
    for (const line of report(passed).split("\n")) assert.ok(line.length <= 80, line);
  });

  const faults: [string, Partial<Ended>][] = [
    ["1 predictions without an answer", { bursts: [said(0)] }],
    ["1 answers that differ", { steady: [said(200, cat(0.51))] }],
    ["1 answers that differ", { steady: [said(200, cat(0.5, "dog"))] }],
    ["1 answers other than 200, 503 and 500 of a lost worker", { steady: [said(500, '{"code":"failed"}')] }],
    ["1 /health other than 200", { health: [said(0)] }],
    [
      "1 bad requests answered unexpectedly, the first: noise: 500",
      { bad: [{ name: "noise", status: 500, isExpected: false }] },
    ],
    ["memory in use grows by 90 MB/h; expected at most 60", { growthMbPerHour: 90 }],
    ["0 workers were replaced after 2 kills", { losses: 0 }],
    ["not ready after the load", { isReady: false }],
    ["4 sockets open, before the load 3", { after: { sockets: 4, threads: 20 } }],
    ["SIGTERM ended the server with SIGKILL", { end: "SIGKILL" }],
  ];
  for (const [fault, change] of faults)
    it(`finds: ${fault}`, () => assert.deepEqual(faultsOf({ ...passed, ...change }), [fault]));

  it("prints no -0 for a growth that rounds to 0", () =>
    assert.match(report({ ...passed, growthMbPerHour: -0.3 }), /^growth of memory in use +0 MB\/h$/m));
  it("does not judge the growth of a short run", () =>
    assert.deepEqual(faultsOf({ ...passed, seconds: 60, growthMbPerHour: 900 }), []));
});
