import assert from "node:assert/strict";
import { chartColours } from "../../../../components/core/chart-colours";
import { targets } from "../../../../components/targets";
import { lineColours, platformColour } from "../../../../components/targets/colours";

const { platforms, neutral, good, warning, bad, others } = chartColours;

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

describe("chartColours", () => {
  for (const ground of ["#ffffff", "#0d1117"])
    it(`stand out 3 to 1 on ${ground}`, () => {
      for (const colour of [...platforms.flat(), neutral, good, warning, bad, ...others])
        assert.ok(contrast(colour, ground) >= 3, `${colour}: ${contrast(colour, ground)}`);
    });

  it("have a family for each target, and no colour twice among the families", () => {
    assert.ok(platforms.length >= targets.length);
    assert.equal(new Set(platforms.flat()).size, platforms.flat().length);
  });
});

describe("lineColours", () => {
  it("gives a platform the same colour wherever it stands, and its further lines other shades", () => {
    const [one, two, three] = lineColours(["eks", "ecs", "eks"]);
    assert.deepEqual([one, two], [platformColour("eks"), platformColour("ecs")]);
    assert.equal(new Set([one, two, three]).size, 3);
  });

  it("is neutral for a line without a platform", () => assert.deepEqual(lineColours([undefined]), [neutral]));
});
