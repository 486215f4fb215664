import assert from "node:assert/strict";
import { join } from "node:path";
import {
  changesIn,
  created,
  type EngineEvent,
  eventsIn,
  newestMessage,
  outputsIn,
  waitingFor,
} from "../../../../tools/acceptance/engine-events";
import { withFolder } from "../../../support/folder";

const urn = (types: string, name: string) => `urn:pulumi:dev::inference::${types}::${name}`;
const metadata = (types: string, name: string, op = "create") => ({
  op,
  urn: urn(types, name),
  type: types.split("$").at(-1) ?? "",
});
const begins = (timestamp: number, ...of: Parameters<typeof metadata>): EngineEvent => ({
  timestamp,
  resourcePreEvent: { metadata: metadata(...of) },
});
const ends = (timestamp: number, ...of: Parameters<typeof metadata>): EngineEvent => ({
  timestamp,
  resOutputsEvent: { metadata: metadata(...of) },
});

describe("the engine's events", () => {
  it("give the time of each new resource, and of a component until its last one", () => {
    const vpc = "inference:aws:Network$awsx:ec2:Vpc";
    const events = [
      begins(100, "inference:aws:Network", "inference"),
      begins(100, vpc, "inference"),
      ends(100, vpc, "inference"),
      begins(101, `${vpc}$aws:ec2/natGateway:NatGateway`, "inference-1"),
      begins(102, "aws:ecs/service:Service", "inference", "update"),
      ends(190, "aws:ecs/service:Service", "inference", "update"),
      ends(205, `${vpc}$aws:ec2/natGateway:NatGateway`, "inference-1"),
      begins(205, "aws:lb/loadBalancer:LoadBalancer", "inference"),
    ];
    assert.deepEqual(created(events), [
      { type: "awsx:ec2:Vpc", name: "inference", seconds: 105 },
      { type: "aws:ec2/natGateway:NatGateway", name: "inference-1", seconds: 104 },
    ]);
  });

  it("give what the update waits for, the longest first, without components", () => {
    const events = [
      begins(100, "inference:aws:Gateway", "inference"),
      begins(130, "aws:lb/loadBalancer:LoadBalancer", "inference"),
      begins(110, "aws:eks/cluster:Cluster", "inference"),
    ];
    const names = waitingFor(events, 150).map(({ type, seconds }) => `${type} ${seconds}`);
    assert.deepEqual(names, ["aws:eks/cluster:Cluster 40", "aws:lb/loadBalancer:LoadBalancer 20"]);
  });

  it("give the newest line of the program, the changes and the outputs", () => {
    const outputs = { monthlyUsd: { atMinimum: { sum: 1 } } };
    const events: EngineEvent[] = [
      { timestamp: 1, diagnosticEvent: { message: "traffic: 1 of 2\n", severity: "info" } },
      { timestamp: 1, diagnosticEvent: { message: "RPC\n", severity: "debug" } },
      {
        timestamp: 2,
        resOutputsEvent: { metadata: { ...metadata("pulumi:pulumi:Stack", "inference-dev"), new: { outputs } } },
      },
      { timestamp: 3, summaryEvent: { resourceChanges: { same: 70, create: 5, replace: 1 } } },
    ];
    assert.equal(newestMessage(events), "traffic: 1 of 2");
    assert.equal(changesIn(events), 6);
    assert.equal(changesIn([]), 0);
    assert.deepEqual(outputsIn(events), outputs);
  });

  it("are read while the last line is half written, and before the file exists", () =>
    withFolder({ "events.log": '{"timestamp": 1}\n{"timest' }, (folder) => {
      assert.deepEqual(eventsIn(join(folder, "events.log")), [{ timestamp: 1 }]);
      assert.deepEqual(eventsIn(join(folder, "none.log")), []);
    }));
});
