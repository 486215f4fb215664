import assert from "node:assert/strict";
import { problemsOf, settingsOf } from "../../support/settings";

const two = { blue: { target: "ecs", weight: 90 }, green: { target: "eks", weight: 10 } };
const pinned = `ghcr.io/team/model@sha256:${"0".repeat(64)}`;
const told = (own: Readonly<Record<string, unknown>>) => problemsOf(own).map(({ key, expected }) => [key, expected]);

describe("parseSettings: variants", () => {
  for (const target of ["ecs", "eks", "local"]) {
    it(`are one with all of the traffic for target ${target}`, () =>
      assert.deepEqual(settingsOf({ target }).model.variants, [{ name: target, target, weight: 100 }]));
  }

  it("are two for target both, by the weights", () =>
    assert.deepEqual(settingsOf({ target: "both", weights: { ecs: 80, eks: 20 } }).model.variants, [
      { name: "ecs", target: "ecs", weight: 80 },
      { name: "eks", target: "eks", weight: 20 },
    ]));

  it("are those of the key variants for target variants", () =>
    assert.deepEqual(settingsOf({ target: "variants", variants: two }).model.variants, [
      { name: "blue", target: "ecs", weight: 90 },
      { name: "green", target: "eks", weight: 10 },
    ]));

  it("have weights that sum to 100", () => {
    assert.deepEqual(told({ target: "both", weights: { ecs: 80 } }), [["weights", "weights that sum to 100"]]);
    assert.deepEqual(told({ target: "variants", variants: { blue: two.blue } }), [
      ["variants", "weights that sum to 100, not 90"],
    ]);
  });

  it("have names that are valid in a header and in names on AWS", () => {
    const expected =
      "at most 15 lower-case letters, digits and -, with no - at the end, and not load-balancer or outside: it is the value of the header x-variant and part of names on AWS";
    for (const name of [
      "x".repeat(16),
      "Blue",
      "blue green",
      "blue_1",
      "blue-",
      "1st",
      "",
      "blau\u00fc",
      "a\r\nb",
      "load-balancer",
      "outside",
    ])
      assert.deepEqual(
        problemsOf({ target: "variants", variants: { [name]: { target: "ecs", weight: 100 } } }).map(
          (one) => one.expected,
        ),
        [expected],
        JSON.stringify(name),
      );
    const named = (length: number) => ({
      target: "variants",
      variants: { ["x".repeat(length)]: { target: "ecs", weight: 100 } },
    });
    assert.deepEqual(told(named(15)), []);
  });

  it("have names whose rule priorities differ", () =>
    assert.deepEqual(
      told({
        target: "variants",
        variants: { "blue-resnet": { target: "ecs", weight: 50 }, "canary-slow": { target: "eks", weight: 50 } },
        eks: { endpoint: "private" },
      }),
      [["variants.canary-slow", "another name: its listener rule would collide with that of an earlier variant"]],
    ));

  it("are refused for a target that does not use them", () =>
    assert.deepEqual(told({ variants: two }), [
      ["variants", "none with target ecs: set target to variants to use them"],
    ]));

  it("run on local whatever their weights and targets", () => {
    const variants = { blue: { target: "ecs", weight: 90 }, green: { target: "eks", weight: 90, image: pinned } };
    assert.deepEqual(settingsOf({ target: "local", variants }).model.variants, [
      { name: "blue", target: "local", weight: 90 },
      { name: "green", target: "local", weight: 90, image: pinned },
    ]);
  });

  it("are one to five, as a forward action allows", () => {
    const six = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, { target: "ecs", weight: 10 }]));
    for (const variants of [{}, six])
      assert.deepEqual(told({ target: "variants", variants }), [["variants", "1 to 5 variants"]]);
  });

  it("ignore weights that do not apply, with a note", () => {
    const { notes } = settingsOf({ target: "ecs", weights: { ecs: 10, eks: 90 } });
    assert.deepEqual(notes, ["weights are kept and ignored while target is ecs"]);
    assert.deepEqual(settingsOf({ target: "both", weights: { ecs: 10, eks: 90 } }).notes, []);
  });

  it("note which keys apply to ECS only", () => {
    const schedule = { w: { days: ["mon"], from: "08:00", to: "18:00", min: 1, max: 2 } };
    const internalCallers = ["sg-0123abcd"];
    const { notes } = settingsOf({
      target: "eks",
      schedule,
      internalCallers,
      scaling: { requestsPerMinutePerReplica: 600 },
    });
    assert.deepEqual(notes, [
      "internalCallers applies to ECS only: on EKS it opens no port",
      "internalCallers: on EKS, namespaces with the label inference/caller: allowed may call the pods instead",
    ]);
  });

  it("may all be at 0 in a window: both platforms follow it", () => {
    const night = { days: ["mon"], from: "20:00", to: "07:00", min: 0, max: 0 };
    for (const own of [{ target: "both" }, { target: "eks" }, { target: "variants", variants: two }])
      assert.deepEqual(told({ ...own, schedule: { night } }), []);
  });

  describe("with a schedule or request scaling on EKS", () => {
    const night = { days: ["mon"], from: "20:00", to: "07:00", min: 0, max: 0 };
    const jobImage = `public.ecr.aws/docker/library/node@sha256:${"a".repeat(64)}`;
    const foreign = { target: "eks", schedule: { night }, container: { preset: "fastapi" } };
    const expected = (reason: string, needing = "schedule") =>
      `an image with Node by its digest, such as public.ecr.aws/docker/library/node@sha256:..., for ${needing}, because ${reason}; \`docker buildx imagetools inspect public.ecr.aws/docker/library/node:24-bookworm-slim\` prints the digest`;

    it("need an image for its jobs when the container has no Node", () =>
      assert.deepEqual(told(foreign), [["eks.jobImage", expected("container.preset is fastapi")]]));

    it("need it for request scaling too, with one line for both", () => {
      const scaling = { requestsPerMinutePerReplica: 600 };
      const [key, reason] = ["scaling.requestsPerMinutePerReplica", "container.preset is fastapi"];
      assert.deepEqual(told({ ...foreign, schedule: {}, scaling }), [["eks.jobImage", expected(reason, key)]]);
      assert.deepEqual(told({ ...foreign, scaling }), [["eks.jobImage", expected(reason, `schedule and ${key}`)]]);
    });

    it("need it also for our server behind a sign-in, which is gone while no replica runs", () => {
      const imageCredentials = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf";
      const own = { target: "eks", schedule: { night }, image: pinned, imageCredentials };
      assert.deepEqual(told(own), [["eks.jobImage", expected("imageCredentials is set")]]);
    });

    for (const [title, own] of [
      ["the image is given", { ...foreign, eks: { jobImage, endpointCidrs: ["0.0.0.0/0"] } }],
      ["there is no schedule", { ...foreign, schedule: {} }],
      ["EKS is not in use", { ...foreign, target: "ecs" }],
      ["the container is our server", { ...foreign, container: {} }],
    ] as const)
      it(`need none where ${title}`, () => assert.deepEqual(told(own), []));

    it("refuse an image that cannot be pulled without a NAT gateway", () => {
      const own = {
        ...foreign,
        image: "build",
        network: { nat: "none" },
        eks: { jobImage, endpointCidrs: ["0.0.0.0/0"] },
      };
      assert.match(String(told(own)), /^eks\.jobImage,an image in ECR of eu-west-1/);
    });
  });
});
