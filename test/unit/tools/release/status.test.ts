import assert from "node:assert/strict";
import { awsConnection } from "../../../../components/aws/connection";
import { ok, problem } from "../../../../tools/doctor/check";
import type { Begun } from "../../../../tools/release/journal";
import type { Situation } from "../../../../tools/release/situation";
import { status } from "../../../../tools/release/status";

/** A stack with a stack file, and without resources. */
const printed = (unfinished?: Begun, lock = ok("No update is running.")) => {
  const situation = {
    stack: "dev",
    project: "inference",
    root: "inference",
    declared: [{ name: "ecs", target: "ecs", weight: 100 }],
    deployed: { resources: [], outputs: {}, connection: awsConnection({}) },
    history: [],
    shares: { file: { ecs: 100 }, state: {}, live: {} },
    unfinished,
  } satisfies Omit<Situation, "settings">;
  return status(situation as unknown as Situation, async () => lock);
};

describe("release: status", () => {
  it("of a stack that was never deployed says so, and claims nothing of its alarms", async () =>
    assert.equal(
      await printed(),
      [
        "Stack dev",
        "  ecs on ecs, declared: unknown",
        "    share: stack file 100 %, last update none, load balancer none",
        "    not deployed",
        "Stack dev serves nobody yet. Deploy it: pulumi up --stack dev",
        "No releases yet.",
      ].join("\n"),
    ));

  it("names a lock and the command that ends it", async () => {
    const lock = problem("A killed update left its lock: ann@laptop.", "pulumi cancel --stack dev");
    assert.match(
      await printed(undefined, lock),
      /\nA killed update left its lock: ann@laptop\. pulumi cancel --stack dev\n/,
    );
  });

  it("names what ends an unfinished release", async () =>
    assert.match(
      await printed({ to: "target eks" }),
      /\nUnfinished: the release of target eks\. Finish it with --to-target eks, or go back first: npm run release -- --stack dev --back\n/,
    ));
});
