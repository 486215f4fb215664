import assert from "node:assert/strict";
import { readArguments } from "../../../../tools/acceptance/arguments";
import { type Found, refuseOthers } from "../../../../tools/acceptance/prepare";
import { brokenVersion, copyOf, newImage, ownKey, runTag } from "../../../../tools/acceptance/stack-copy";
import { UserError } from "../../../../tools/cli/user-error";
import { begun } from "../../../support/acceptance";
import { withFolder } from "../../../support/folder";

describe("the stack of npm run acceptance", () => {
  it("keeps the keys of the stack file, and leaves out what reaches callers and people", () => {
    const keys = {
      "aws:region": "eu-west-1",
      "aws:defaultTags": { tags: { team: "ml" } },
      cpu: 512,
      "inference:domain": { name: "api.example.com" },
      notifications: { pagers: ["https://pager.example.com"] },
      schedule: { night: {} },
      protect: true,
    };
    const { config, differences } = copyOf("prod", keys, "0a1b");
    assert.deepEqual(config, {
      "aws:region": "eu-west-1",
      "aws:defaultTags": { tags: { team: "ml", [runTag]: "0a1b" } },
      [ownKey("cpu")]: 512,
      [ownKey("protect")]: false,
    });
    assert.deepEqual(
      differences.map((text) => text.split(" ", 1)[0]),
      ["domain", "notifications", "schedule", "protect", "Every"],
    );
  });

  it("says that the permissions are shared, and mounts a volume that it cannot write to", () => {
    const shared = (keys: Record<string, unknown>) =>
      copyOf("dev", keys, "0a1b").differences.some((text) => text.startsWith("permissions are shared"));
    assert.equal(shared({ permissions: [{ actions: ["s3:PutObject"], resources: ["*"] }] }), true);
    assert.equal(shared({ permissions: [] }), false);
    assert.equal(shared({ volumes: { models: { efs: "fs-1", path: "/models" }, b: { readOnly: true } } }), false);
  });

  const refused: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    [
      "an encrypted value",
      { "aws:secretKey": { secure: "v1:x" } },
      /encrypted values, .*: aws:secretKey\. Use a stack file/,
    ],
    [
      "an encrypted value inside",
      { eks: { cluster: { kubeconfig: { secure: "x" } } } },
      /encrypted values, .*: inference:eks\./,
    ],
    ["a target on this machine", { target: "local" }, /Pulumi\.dev\.yaml: target is local; expected a stack on AWS/],
    [
      "a volume that it could write to",
      { volumes: { models: {}, data: { efs: "fs-1", path: "/data", readOnly: false } } },
      /would write to volumes of the stack that serves: data; expected readOnly: true/,
    ],
    [
      "such a volume that the CLI wrote as JSON",
      { volumes: '{"data": {"readOnly": false}}' },
      /would write to volumes of the stack that serves: data;/,
    ],
    [
      "a listener that serves",
      { gateway: { listenerArn: "arn" } },
      /gateway names a listener that serves; expected none/,
    ],
  ];
  for (const [what, keys, message] of refused)
    it(`refuses ${what}`, () => assert.throws(() => copyOf("dev", keys, "0a1b"), message));

  const found = (more: Partial<Found>): Found => ({ stack: "dev-acceptance", ...more });
  const earlier = { ...begun, run: "0a1b" };

  it("starts without a stack, with an empty one of an earlier run, and goes on with its own", () => {
    for (const one of [
      found({}),
      found({ resources: 0, owner: "ffff", earlier }),
      found({ resources: 80, owner: "0a1b", known: earlier, earlier }),
      found({ resources: 80, known: earlier, earlier }),
    ])
      assert.doesNotThrow(() => refuseOthers(one), JSON.stringify(one));
  });

  it("refuses a stack that holds resources of others, and a file that no run wrote", () => {
    const notMade =
      /holds 80 resources that this run did not make\. If nobody uses it: pulumi destroy --stack dev-acceptance/;
    assert.throws(() => refuseOthers(found({ resources: 80 })), notMade);
    assert.throws(() => refuseOthers(found({ resources: 80, owner: "ffff", earlier })), notMade);
    assert.throws(() => refuseOthers(found({ resources: 80, owner: "ffff", known: earlier, earlier })), notMade);
    assert.throws(
      () => refuseOthers(found({ resources: 80, owner: "0a1b", earlier })),
      /holds 80 resources of an earlier run\. Go on with it: --resume/,
    );
    assert.throws(
      () => refuseOthers(found({ resources: 0, owner: "somebody" })),
      /Pulumi\.dev-acceptance\.yaml exists, and no run of this command wrote it/,
    );
  });
});

describe("the images of npm run acceptance", () => {
  const build = { context: "app", dockerfile: "Dockerfile", args: { A: "1" }, secrets: {} };
  const digest = (digit: string) => `registry.example/model@sha256:${digit.repeat(64)}`;

  it("a folder is built again with another VERSION, as it is declared in the Dockerfile of app/", () =>
    assert.deepEqual(newImage({ stack: "dev", image: "build", build }, undefined), {
      [ownKey("build")]: { ...build, args: { A: "1", VERSION: "acceptance-2" } },
    }));

  it("--image2 is the second image, of a folder as well", () => {
    for (const image of ["build", digest("1")])
      assert.deepEqual(newImage({ stack: "dev", image, build }, digest("2")), { [ownKey("image")]: digest("2") });
  });

  it("refuses an image without a second one, the same one twice, and a Dockerfile without VERSION", () => {
    const image = digest("1");
    assert.throws(
      () => newImage({ stack: "dev", image, build }, undefined),
      /--image2 is missing: Pulumi\.dev\.yaml names an image/,
    );
    assert.throws(() => newImage({ stack: "dev", image, build }, image), /--image2 is the image of the stack file/);
    withFolder({ Dockerfile: "FROM scratch\nARG VERSIONS=1\n" }, (context) =>
      assert.throws(
        () => newImage({ stack: "dev", image: "build", build: { ...build, context } }, undefined),
        /Dockerfile has no ARG VERSION, so .* --image2/,
      ),
    );
  });

  it("the broken one keeps what the stack file says of its container", () =>
    assert.deepEqual(brokenVersion({ [ownKey("container")]: { port: 9000 } }), {
      [ownKey("container")]: { port: 9000, command: ["/acceptance/no-such-program"] },
    }));
});

describe("the options of npm run acceptance", () => {
  it("are a stack and the request of the load", () => {
    const asked = readArguments(["--stack", "dev", "--path", "/v1", "--body", "{}", "--rps", "20", "--max-cost", "5"]);
    assert.equal(asked?.load.request.path, "/v1");
    assert.deepEqual([asked?.perSecond, asked?.seconds, asked?.maxCostUsd], [20, 60, 5]);
    assert.deepEqual([asked?.yes, asked?.keep, asked?.resume], [false, false, false]);
    assert.equal(readArguments(["-h"]), undefined);
  });

  it("are refused by name", () => {
    const refused = (...args: string[]) => assert.throws(() => readArguments(args), UserError);
    refused();
    refused("--stack", "dev", "--image2", "model:latest");
    refused("--stack", "dev", "--rps", "0");
    refused("--stack", "dev", "--max-cost", "nothing");
    refused("--stack", "dev", "--nothing");
  });
});
