import assert from "node:assert/strict";
import { answers, loadFinding } from "../../../../tools/check-image/checks/answers";
import { start } from "../../../../tools/check-image/checks/start";
import { stop } from "../../../../tools/check-image/checks/stop";
import { type Context, contextOf, type Server } from "../../../../tools/check-image/context";
import { planOf } from "../../../../tools/check-image/plan";
import { Progress } from "../../../../tools/check-image/progress";
import { type FakeContainer, FakeDocker, withFakeServer } from "../../../support/fake-docker";

const image = {
  ...{ id: "sha256:0", name: "model:1", isBuiltHere: false, user: "", exposedPorts: [], command: [], labels: {} },
  ...{ architecture: "amd64", bytes: 1 },
};
const requests = [{ method: "GET", path: "/predict" }];

async function contextWith(container: FakeContainer, startSeconds = 120) {
  const plan = planOf(undefined, "other");
  const specWith: typeof plan.specWith = (changes) => plan.specWith({ startSeconds, ...changes });
  const given = { docker: new FakeDocker(container), image, plan: { ...plan, specWith }, headers: {}, requests };
  return (await contextOf({ ...given, progress: new Progress() })) as Context & { readonly server: Server };
}

/** Ends at the request after `count` good ones. */
const endsAfter = (count: number) => {
  let left = count;
  return { status: (path: string) => (path !== "/predict" || left-- > 0 ? 200 : undefined) };
};

describe("npm run check-image: a start", () => {
  it("of a container that ends at once reports its exit code and its last lines", async () => {
    const context = await contextWith({ isRunning: false, exitCode: 7, log: "loading\nno model in /models\n" });
    const [found, lines] = await start.run(context);
    assert.match(found?.text ?? "", /ended with exit code 7 before it was ready: no model in \/models/);
    assert.match(lines?.text ?? "", /^Its last lines:\nloading\nno model in \/models$/);
  });

  it("that takes longer than container.startSeconds is measured, and the next start may take as long", () =>
    withFakeServer({ status: (_, seconds) => (seconds < 2 ? 503 : 200) }, async (container) => {
      const context = await contextWith(container, 1);
      const [found] = await start.run(context);
      assert.equal(found?.verdict, "problem");
      assert.match(
        found.text,
        /^Ready [2-4]\.\d s after its start, and container\.startSeconds is 1: ECS and EKS replace/,
      );
      assert.deepEqual(found.set, [{ key: "container.startSeconds", value: 60 }]);
      assert.equal(context.adopted.startSeconds, 60);
    })).timeout(10_000);

  it("that never answers prints no last line of an empty log", async () => {
    const context = await contextWith({ isRunning: false });
    const trial = { ...context.trial, ended: undefined, waitedSeconds: 130, log: "" };
    const [found] = await start.run({ ...context, trial } as unknown as typeof context);
    assert.match(found?.text ?? "", /within 130 s\. It printed nothing\. Raise container\.startSeconds/);
  });
});

describe("npm run check-image: a container that ends under requests", () => {
  for (const [title, count] of [
    ["at the first one", 0],
    ["at a later one", 5],
  ] as const) {
    it(`${title} is a problem, with its exit code and its last lines`, () =>
      withFakeServer(endsAfter(count), async (container) => {
        const context = await contextWith(container);
        const [found] = await answers.run(context);
        assert.equal(found?.verdict, "problem");
        assert.match(found.text, /^It ended with exit code 3 while it answered requests\. Its last lines:\n/);
        assert.match(found.text, /out of luck$/);
        assert.equal(context.requests, undefined);
      })).timeout(10_000);
  }

  it("before SIGTERM is a problem, and the requests end", () =>
    withFakeServer(endsAfter(5), async (container) => {
      const [found, ...more] = await stop.run(await contextWith(container));
      assert.match(found?.text ?? "", /^It ended with exit code 3 while it answered requests/);
      assert.deepEqual(more, []);
    }));

  it("is not the only problem: so is a load of which most requests fail", () => {
    const verdicts = [0, 1, 50, 51].map((failed) => loadFinding("Answered", 100, failed).verdict);
    assert.deepEqual(verdicts, ["ok", "warning", "warning", "problem"]);
  });
});
