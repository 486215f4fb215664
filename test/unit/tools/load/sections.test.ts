import assert from "node:assert/strict";
import { sections } from "../../../../tools/load/sections";
import { ecs, load } from "../../../support/measured-load";

const title = "Health and version before the load";

/** Whether the measurements of such a server show its health. */
const shows = (health: number, stack?: string) =>
  sections({ ...load, stack, lanes: [{ ...ecs, health }] }).some((section) => section.title === title);

describe("The measurements of a load", () => {
  it("leave out the health of a server that has no such path, unless it is a stack's", () => {
    assert.deepEqual([shows(404), shows(200), shows(404, "dev")], [false, true, true]);
  });

  it("include a server that did not answer", () => assert.ok(shows(0)));
});
