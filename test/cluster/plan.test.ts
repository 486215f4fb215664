import assert from "node:assert/strict";
import { failureThreshold, nextProvider, nextStep, type PlannedTask } from "./support/tasks/plan";

const rolling = { minimumHealthyPercent: 100, maximumPercent: 200 };

/** "old healthy" or "new waiting", each named by its place. */
const tasks = (...words: readonly string[]): PlannedTask[] =>
  words.map((word, index) => {
    const [age, health] = word.split(" ");
    return { id: `${index}`, isPrimary: age === "new", health: health as PlannedTask["health"] };
  });

describe("The plan of a service", () => {
  const cases: readonly (readonly [
    title: string,
    bounds: Parameters<typeof nextStep>[0],
    running: readonly string[],
    start: number,
    stop: readonly string[],
  ])[] = [
    ["starts what is missing", { desired: 2, ...rolling }, ["new healthy"], 1, []],
    ["starts new tasks beside the old ones", { desired: 2, ...rolling }, ["old healthy", "old healthy"], 2, []],
    [
      "starts no more than the maximum",
      { desired: 4, minimumHealthyPercent: 100, maximumPercent: 150 },
      ["old healthy", "old healthy", "old healthy", "old healthy"],
      2,
      [],
    ],
    [
      "keeps old tasks until new ones are healthy",
      { desired: 2, ...rolling },
      ["old healthy", "old healthy", "new waiting", "new waiting"],
      0,
      [],
    ],
    [
      "stops as many old tasks as new ones are healthy",
      { desired: 2, ...rolling },
      ["old healthy", "old healthy", "new healthy", "new waiting"],
      0,
      ["0"],
    ],
    [
      "may stop old tasks first where the minimum permits",
      { desired: 2, minimumHealthyPercent: 50, maximumPercent: 100 },
      ["old healthy", "old healthy"],
      0,
      ["0"],
    ],
    ["stops old tasks that are not healthy", { desired: 1, ...rolling }, ["old healthy", "old waiting"], 0, ["1"]],
    ["starts the replacement first", { desired: 2, ...rolling }, ["new healthy", "new unhealthy"], 1, []],
    [
      "keeps an unhealthy task until its replacement is healthy",
      { desired: 2, ...rolling },
      ["new healthy", "new unhealthy", "new waiting"],
      0,
      [],
    ],
    [
      "stops an unhealthy task that is replaced",
      { desired: 2, ...rolling },
      ["new healthy", "new unhealthy", "new healthy"],
      0,
      ["1"],
    ],
    [
      "stops one unhealthy task where the maximum leaves no room",
      { desired: 1, ...rolling },
      ["old healthy", "new unhealthy"],
      0,
      ["1"],
    ],
    [
      "stops what is too many, first what is not healthy yet",
      { desired: 1, ...rolling },
      ["new healthy", "new waiting", "new healthy"],
      0,
      ["2", "1"],
    ],
    [
      "stops all of a service with none desired",
      { desired: 0, ...rolling },
      ["new healthy", "old healthy"],
      0,
      ["0", "1"],
    ],
  ];
  for (const [title, bounds, running, start, stop] of cases) {
    it(title, () => assert.deepEqual(nextStep(bounds, tasks(...running)), { start, stop }));
  }

  it("ends a deployment after half the desired count, at least 3 and at most 200", () => {
    assert.deepEqual([1, 6, 7, 25, 1000].map(failureThreshold), [3, 3, 4, 13, 200]);
  });

  it("spreads tasks over capacity providers by base and weight", () => {
    const strategy = [
      { capacityProvider: "FARGATE", base: 1, weight: 1 },
      { capacityProvider: "FARGATE_SPOT", weight: 2 },
    ];
    const taken: string[] = [];
    for (let count = 0; count < 7; count++) taken.push(nextProvider(strategy, taken));
    const spot = "FARGATE_SPOT";
    assert.deepEqual(taken, ["FARGATE", spot, "FARGATE", spot, spot, "FARGATE", spot].slice(0, 7));
    assert.equal(nextProvider([], []), "FARGATE");
  });
});
