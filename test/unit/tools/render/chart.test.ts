import assert from "node:assert/strict";
import { barChart, lineChart } from "../../../../tools/render/chart";
import { roundTicks, scaleTo } from "../../../../tools/render/scale";

const labels = (...args: Parameters<typeof roundTicks>) => roundTicks(...args).map(({ label }) => label);

describe("roundTicks", () => {
  const cases: [Parameters<typeof roundTicks>, string[]][] = [
    [[1181], ["0", "200", "400", "600", "800", "1,000", "1,200"]],
    [
      [1181, {}, 4],
      ["0", "500", "1,000", "1,500"],
    ],
    [[12], ["0", "2", "4", "6", "8", "10", "12"]],
    [[0.3], ["0", "0.05", "0.1", "0.15", "0.2", "0.25", "0.3"]],
  ];
  for (const [args, expected] of cases)
    it(`covers ${args[0]} in round steps`, () => assert.deepEqual(labels(...args), expected));

  it("has no fractions on an axis that counts things", () => {
    assert.deepEqual(labels(3, { isCount: true }), ["0", "1", "2", "3"]);
    assert.deepEqual(labels(0, { isCount: true }), ["0", "1"]);
  });
});

describe("scaleTo", () => {
  it("returns percent of the axis and cuts off values beyond its end", () =>
    assert.deepEqual([0, 5, 10, 99].map(scaleTo(10)), [0, 50, 100, 100]));
});

describe("lineChart", () => {
  const lines = [{ name: "a < b", colour: "#123456", points: [[0, 0] as const, [10, 4] as const] }];
  const chart = lineChart({ title: "t", x: { title: "requests/s" }, y: { title: "ms" }, lines });

  it("draws each line from the lower left, in its colour", () =>
    assert.match(chart, /<polyline points="0,100 100,0" fill="none" stroke="#123456"\/>/));

  it("titles both axes and names each line, as text of HTML", () => {
    for (const text of ["ms", "requests/s"]) assert.match(chart, new RegExp(`<p class="axis[^>]*>${text}</p>`));
    assert.match(chart, /#123456"><\/i>a &lt; b<\/li>/);
  });

  it("draws values above the end of the axis at its edge, and a limit as a line of its own", () => {
    const limited = lineChart({
      title: "t",
      x: { title: "x" },
      y: { title: "y", end: 2 },
      lines,
      limit: { value: 1, name: "limit" },
    });
    assert.match(limited, /points="0,100 100,0"/);
    assert.match(limited, /class="limit" x1="0" x2="100" y1="50" y2="50"/);
    assert.match(limited, /<\/i>limit<\/li>/);
  });
});

describe("barChart", () => {
  const series = [
    { name: "shared", colour: "#111111" },
    { name: "own", colour: "#222222" },
  ];
  const bars = [{ name: "full", values: [30, 10], total: "40 USD" }];
  const chart = barChart({ title: "t", x: { title: "USD" }, series, bars });

  it("puts the parts of a bar end to end, and its total behind them", () => {
    assert.match(chart, /<rect x="0" [^>]*width="75" [^>]*fill="#111111"/);
    assert.match(chart, /<rect x="75" [^>]*width="25" [^>]*fill="#222222"/);
    assert.match(chart, /left:100%;top:0px">40 USD</);
  });
});
