import assert from "node:assert/strict";

const { askedBy } = require("../../../../../components/eks-service/in-cluster/asked") as {
  askedBy(requests: readonly number[], target: number, before?: number): number;
};

const minutes = (...newest: readonly number[]) => [...newest, ...Array(15 - newest.length).fill(0)];

describe("What the requests ask for", () => {
  for (const [title, requests, before, expected] of [
    ["nothing without requests", minutes(), undefined, 0],
    ["a part of a replica is a whole one", minutes(101, 101, 101), undefined, 2],
    ["exactly the target of two is two", minutes(200, 200, 200), undefined, 2],
    ["one busy minute adds nothing", minutes(900), 2, 2],
    ["two busy minutes add nothing", minutes(900, 900), 2, 2],
    ["three busy minutes add what the least of them needs", minutes(900, 500, 700), 2, 5],
    ["replicas stay for the busiest of the last minutes", minutes(0, 0, 0, 300, 700, 100), 7, 7],
    ["they go down to the busiest when a busier one is over", minutes(0, 0, 0, 300, 400, 100), 7, 4],
    ["all of them go after quiet minutes", minutes(), 7, 0],
    ["a count from long ago falls to what these minutes show", minutes(150, 150, 150), 50, 2],
  ] as const)
    it(title, () => assert.equal(askedBy(requests, 100, before), expected));
});
