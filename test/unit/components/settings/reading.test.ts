import assert from "node:assert/strict";
import { parseSettings } from "../../../../components/settings";
import { problemsOf, settingsOf } from "../../support/settings";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-key-AbCdEf";
const accepted = { until: "2027-01-31", why: "nothing calls it" };
const scanKey = "imageScan.accept.CVE-2025-1";
const someDay = 'a day such as "2027-01-31"';
const window = { days: ["mon"], from: "08:00", to: "18:00", min: 1, max: 2 };
const existing = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const oneOfRetention =
  "one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653";
const imageText = '"build", or repository@sha256:<64 hex digits>; with target local also repository:tag';
const pinText = (image: string, options = "") =>
  `repository@sha256:<64 hex digits>, because a tag can move: npm run pin -- ${image} --stack test${options}`;
const setByBuildKit = "no value: BuildKit sets TARGETARCH, from the key architecture";
const signInText = '"none", or the arn of a Secrets Manager secret';
const arnText = "the arn of a Secrets Manager secret or an SSM parameter";
const variableText = "text, a number of at most 15 digits, true or false";
const callersText = "a block such as 203.0.113.0/24 or 2001:db8::/32, without host bits";
const blockText = "an IPv4 block such as 203.0.113.0/24, without host bits";
const prefixText = "a block from /16 (the widest AWS allows) to /22 (smaller ones have no room for the load balancer)";

/** Key, the value as a YAML file or the engine gives it, and what becomes of it. */
const good: readonly (readonly [string, unknown, unknown])[] = [
  ["target", "ecs", "ecs"],
  ["target", "local", "local"],
  ["image", "build", "build"],
  ["build", {}, { context: "app", dockerfile: "Dockerfile", args: {}, secrets: {} }],
  [
    "build",
    { context: "../server", target: "serve", args: { PYTHON: 3.12 }, version: "1.0" },
    {
      context: "../server",
      dockerfile: "Dockerfile",
      target: "serve",
      args: { PYTHON: "3.12" },
      secrets: {},
      version: "1.0",
    },
  ],
  ["image", `repo/name@${digest}`, `repo/name@${digest}`],
  ["image", `host:5000/repo/name:v1@${digest}`, `host:5000/repo/name:v1@${digest}`],
  ["imageCredentials", "none", "none"],
  ["imageCredentials", secret, secret],
  ["imageScan", { threshold: "high" }, { threshold: "high", accept: {} }],
  ["imageScan", { accept: { "CVE-2025-1": accepted } }, { threshold: "off", accept: { "CVE-2025-1": accepted } }],
  [
    "imageScan",
    { accept: { "CVE-2025-1": { ...accepted, until: "2027-01-31 00:00:00 +0000 UTC" } } },
    { threshold: "off", accept: { "CVE-2025-1": accepted } },
  ],
  ["modelUri", "bundled", "bundled"],
  ["modelUri", "s3://models/cats/v1", "s3://models/cats/v1"],
  ["modelUri", "s3://models/cats?versionId=abc", "s3://models/cats?versionId=abc"],
  ["architecture", "arm64", "arm64"],
  ["cpu", "1024", 1024],
  ["memory", 4096, 4096],
  ["replicas", { min: 2, max: 9 }, { min: 2, max: 9 }],
  ["replicas", '{"min":2,"max":9}', { min: 2, max: 9 }],
  ["schedule", {}, {}],
  ["schedule", { office: window }, { office: { ...window, timeZone: "UTC" } }],
  ["spot", { spotWeight: 3 }, { onDemandBase: 0, onDemandWeight: 1, spotWeight: 3 }],
  ["network", existing, existing],
  ["network", JSON.stringify(existing), existing],
  ["ingressCidrs", ["10.0.0.0/8", "192.168.0.0/16"], ["10.0.0.0/8", "192.168.0.0/16"]],
  ["ingressCidrs", '["10.0.0.0/8"]', ["10.0.0.0/8"]],
  ["dualstack", "false", false],
  ["internalCallers", ["sg-0123abcd"], ["sg-0123abcd"]],
  ["environment", { LEVEL: "debug", SIZE: 8, EMF: true }, { LEVEL: "debug", SIZE: "8", EMF: "true" }],
  ["environment", { A: 999_999_999_999_999, B: -0.000_123 }, { A: "999999999999999", B: "-0.000123" }],
  ["secrets", { KEY: secret }, { KEY: secret }],
  ["exec", "true", true],
  ["exec", false, false],
  ["logRetentionDays", "365", 365],
  ["protect", "true", true],
];

/** Key, a value that is refused, where the problem is told (the key itself unless it says more), and the words. */
const bad: readonly (readonly [string, unknown, string, string])[] = [
  ["target", "esc", "target", "one of ecs, eks, both, variants, local"],
  ["image", "repo/name:latest", "image", `"build", or ${pinText("repo/name:latest")}`],
  ["image", "repo/name", "image", `"build", or ${pinText("repo/name")}`],
  ["image", "Repo/name:1", "image", imageText],
  ["image", "repo/name:1 2", "image", imageText],
  ["image", "host:5000/repo/name:1.2", "image", `"build", or ${pinText("host:5000/repo/name:1.2")}`],
  [
    "variants",
    { blue: { target: "ecs", weight: 100, image: "repo/name:1" } },
    "variants.blue.image",
    pinText("repo/name:1", " --variant blue"),
  ],
  [
    "variants",
    { blue: { target: "ecs", weight: 100, image: "repo@sha256:abc" } },
    "variants.blue.image",
    "repository@sha256:<64 hex digits>; with target local also repository:tag",
  ],
  ["image", "repo/name@sha256:abc", "image", imageText],
  ["image", `${digest}`, "image", imageText],
  ["image", "", "image", imageText],
  ["image", "../server", "image", "an image. For a folder set image: build and build.context: ../server"],
  ["build", "app", "build", "an object with context, dockerfile, target, args, secrets, version"],
  ["build", { contxt: "app" }, "build.contxt", "did you mean context?"],
  ["build", { context: "" }, "build.context", "a folder, relative to the project folder or absolute"],
  ["build", { target: " " }, "build.target", "the name of a stage in the Dockerfile"],
  ["build", { args: { "A-B": 1 } }, "build.args.A-B", "letters, digits and _ in the name of a build argument"],
  ["build", { args: { TARGETARCH: "arm64" } }, "build.args.TARGETARCH", setByBuildKit],
  [
    "build",
    { secrets: { "a b": "A" } },
    "build.secrets.a b",
    "letters, digits, _, . and - in the id of a build secret",
  ],
  ["build", { version: "1.0+x" }, "build.version", "at most 100 letters, digits, _, . and -"],
  ["build", { version: "1".repeat(101) }, "build.version", "at most 100 letters, digits, _, . and -"],
  ["imageCredentials", "hunter2", "imageCredentials", signInText],
  ["imageCredentials", `${secret}:password::`, "imageCredentials", signInText],
  ["imageCredentials", "arn:aws:ssm:eu-west-1:123456789012:parameter/key", "imageCredentials", signInText],
  [
    "imageCredentials",
    secret.replace("eu-west-1", "us-east-1"),
    "imageCredentials",
    "a secret in eu-west-1, where the replicas run",
  ],
  ["imageScan", { threshold: "severe" }, "imageScan.threshold", "one of off, critical, high, medium, low"],
  ["imageScan", { accept: { "CVE-2025-1": { ...accepted, until: "2027-02-30" } } }, `${scanKey}.until`, someDay],
  ["imageScan", { accept: { "CVE-2025-1": { ...accepted, until: "soon" } } }, `${scanKey}.until`, someDay],
  ["imageScan", { accept: { "CVE-2025-1": { ...accepted, why: " " } } }, `${scanKey}.why`, "the reason why it may run"],
  ["modelUri", "s3://models", "modelUri", '"bundled", or s3://bucket/prefix'],
  ["modelUri", "s3://models/*", "modelUri", '"bundled", or s3://bucket/prefix'],
  ["modelUri", "https://example.com/m", "modelUri", '"bundled", or s3://bucket/prefix'],
  ["architecture", "amd64", "architecture", "one of x86_64, arm64"],
  ["cpu", 1000, "cpu", "one of 256, 512, 1024, 2048, 4096, 8192, 16384"],
  ["cpu", "1 vCPU", "cpu", "one of 256, 512, 1024, 2048, 4096, 8192, 16384"],
  ["memory", "2GB", "memory", "a whole number from 512 to 122880"],
  ["memory", 2048.5, "memory", "a whole number from 512 to 122880"],
  ["replicas", 3, "replicas", "an object with min, max"],
  ["replicas", { min: 0 }, "replicas.min", "a whole number from 1 to 1000"],
  ["replicas", { max: 1001 }, "replicas.max", "a whole number from 1 to 1000"],
  ["replicas", { min: 5 }, "replicas.min", "at most replicas.max, which is 4"],
  ["replicas", { minimum: 2 }, "replicas.minimum", "expected min, max"],
  ["replicas", { mim: 2 }, "replicas.mim", "did you mean min?"],
  ["scaling", { cpuPercent: 100 }, "scaling.cpuPercent", "a whole number from 10 to 95"],
  ["scaling", { memoryPercent: null }, "scaling.memoryPercent", "a whole number from 10 to 95"],
  [
    "scaling",
    { requestsPerMinutePerReplica: 0 },
    "scaling.requestsPerMinutePerReplica",
    "a whole number from 1 to 1000000",
  ],
  ["scaling", { scaleInCooldownSeconds: "5m" }, "scaling.scaleInCooldownSeconds", "a whole number from 0 to 3600"],
  ["schedule", { Office: window }, "schedule.Office", "lower-case letters, digits and - in the name of a window"],
  [
    "schedule",
    { w: { ...window, days: ["monday"] } },
    "schedule.w.days[0]",
    "one of mon, tue, wed, thu, fri, sat, sun",
  ],
  [
    "schedule",
    { w: { ...window, days: [] } },
    "schedule.w.days",
    "one or more of mon, tue, wed, thu, fri, sat, sun, each once",
  ],
  ["schedule", { w: { ...window, from: "8:00" } }, "schedule.w.from", 'a time of day such as "08:30"'],
  [
    "schedule",
    { w: { ...window, timeZone: "Berlin" } },
    "schedule.w.timeZone",
    "an IANA time zone such as Europe/Berlin",
  ],
  ["schedule", { w: { ...window, min: 3 } }, "schedule.w.min", "at most the max of the window, which is 2"],
  [
    "schedule",
    { w: { ...window, min: 0 } },
    "schedule.w.min",
    "at least 1, or 0 together with max 0: with no replica running, scaling has no metric to start one",
  ],
  [
    "schedule",
    { w: { ...window, to: "08:00" } },
    "schedule.w.from",
    "a time from 00:00 to 23:59 that differs from to, which is 08:00",
  ],
  [
    "schedule",
    { w: { ...window, from: "24:00" } },
    "schedule.w.from",
    "a time from 00:00 to 23:59 that differs from to, which is 18:00",
  ],
  ["schedule", { a: window, b: window }, "schedule.b", "hours that do not overlap with schedule.a"],
  ["spot", { onDemandWeight: 0 }, "spot", "a weight above 0 for on-demand, for Spot or for both"],
  ["spot", { spotWeight: 1001 }, "spot.spotWeight", "a whole number from 0 to 1000"],
  ["internalCallers", ["0.0.0.0/0"], "internalCallers[0]", "a security group id such as sg-0123abcd"],
  ["internalCallers", ["sg-0123abcd", "sg-0123abcd"], "internalCallers[1]", "each security group once"],
  ["network", { zones: 1 }, "network.zones", "a whole number from 2 to 4"],
  ["network", { zones: 5 }, "network.zones", "a whole number from 2 to 4"],
  ["network", { nat: "two" }, "network.nat", "one of one, perZone, none"],
  ["network", { cidr: "10.0.0.1/16" }, "network.cidr", blockText],
  ["network", { cidr: "10.0.0.0/8" }, "network.cidr", prefixText],
  ["network", { cidr: "10.0.0.0/24" }, "network.cidr", prefixText],
  ["network", { ...existing, zones: 2 }, "network.zones", "expected vpcId, publicSubnetIds, privateSubnetIds"],
  ["network", { vpcId: "vpc-0123abcd" }, "network.publicSubnetIds", "a list"],
  ["network", { ...existing, vpcId: "my-vpc" }, "network.vpcId", "a VPC id such as vpc-0123abcd"],
  [
    "network",
    { ...existing, publicSubnetIds: ["subnet-0000000a"] },
    "network.publicSubnetIds",
    "two or more different subnets, in different zones",
  ],
  [
    "network",
    { ...existing, privateSubnetIds: ["subnet-0000000a", "subnet-0000000a"] },
    "network.privateSubnetIds",
    "two or more different subnets, in different zones",
  ],
  ["ingressCidrs", "0.0.0.0/0", "ingressCidrs", "a list"],
  ["ingressCidrs", ["0.0.0.0"], "ingressCidrs[0]", callersText],
  ["ingressCidrs", [], "ingressCidrs", 'the blocks that may call: your own, or ["0.0.0.0/0"] for everyone'],
  ["ingressCidrs", ["10.0.0.0/8", "10.1.0.0/16"], "ingressCidrs[1]", "a block that does not overlap with 10.0.0.0/8"],
  ["environment", { "A-B": "x" }, "environment.A-B", "letters, digits and _ in the name of a variable"],
  ["environment", { A: null }, "environment.A", variableText],
  ["environment", { A: { b: 1 } }, "environment.A", variableText],
  ["environment", { A: 1e15 }, "environment.A", variableText],
  ["environment", { A: Math.PI }, "environment.A", variableText],
  ["environment", { A: Number.POSITIVE_INFINITY }, "environment.A", variableText],
  ["environment", ["A=1"], "environment", "an object of names with values"],
  [
    "environment",
    { PORT: "1" },
    "environment.PORT",
    "no value: only the program sets PORT (pulumi config rm --path environment.PORT)",
  ],
  ["secrets", { KEY: "hunter2" }, "secrets.KEY", arnText],
  ["secrets", { KEY: "arn:aws:s3:::bucket/key" }, "secrets.KEY", arnText],
  ["exec", "yes", "exec", "true or false"],
  ["exec", 1, "exec", "true or false"],
  ["logRetentionDays", 10, "logRetentionDays", oneOfRetention],
  ["logRetentionDays", 0, "logRetentionDays", oneOfRetention],
  ["protect", "on", "protect", "true or false"],
  ["memmory", 2048, "memmory", "did you mean memory?"],
  ["aws:region", "Frankfurt", "aws:region", "a commercial AWS region: pulumi config set aws:region eu-west-1"],
  ["aws:region", undefined, "aws:region", "a commercial AWS region: pulumi config set aws:region eu-west-1"],
  ["aws:region", "cn-north-1", "aws:region", "a commercial AWS region: pulumi config set aws:region eu-west-1"],
];

describe("parseSettings", () => {
  for (const [key, value, expected] of good) {
    it(`accepts ${key}: ${JSON.stringify(value)}`, () =>
      assert.deepEqual((settingsOf({ [key]: value }) as unknown as Record<string, unknown>)[key], expected));
  }

  for (const [key, value, where, expected] of bad) {
    it(`refuses ${key}: ${JSON.stringify(value)}`, () => {
      const problems = problemsOf({ [key]: value });
      assert.deepEqual(
        problems.filter((problem) => problem.key === where).map((problem) => problem.expected),
        [expected],
        JSON.stringify(problems),
      );
    });
  }

  describe("keeps the defaults of the other fields", () => {
    for (const [key, value, expected] of [
      ["replicas", { min: 3 }, { min: 3, max: 4 }],
      ["replicas", '{"max":9}', { min: 1, max: 9 }],
      ["scaling", { cpuPercent: 50 }, { cpuPercent: 50, scaleOutCooldownSeconds: 60, scaleInCooldownSeconds: 300 }],
      ["network", { zones: 3 }, { cidr: "10.0.0.0/16", zones: 3, nat: "one", ipv6: false }],
      ["spot", { onDemandBase: 1 }, { onDemandBase: 1, onDemandWeight: 1, spotWeight: 0 }],
    ] as const) {
      it(`when ${key} is ${JSON.stringify(value)}`, () =>
        assert.deepEqual(settingsOf({ [key]: value })[key], expected));
    }
  });

  it("needs no region and no callers for local", () => {
    const parsed = parseSettings({ "inference:target": "local" }, { project: "inference", stack: "local" });
    assert.ok("settings" in parsed);
    assert.equal(parsed.settings.region, "");
  });

  it("ignores keys of other namespaces", () => assert.equal(settingsOf({ "other:cpu": "x" }).cpu, 1024));

  it("returns one model with all traffic on its one variant", () =>
    assert.deepEqual(settingsOf().model, { name: "main", variants: [{ name: "ecs", target: "ecs", weight: 100 }] }));

  for (const name of ["toString", "constructor", "hasOwnProperty", "__proto__"]) {
    it(`accepts a variable named ${name}`, () => {
      const own = Object.fromEntries([[name, "x"]]);
      assert.ok(Object.hasOwn(settingsOf({ environment: own }).environment, name));
      const secrets = Object.fromEntries([[name, secret]]);
      assert.ok(Object.hasOwn(settingsOf({ secrets }).secrets, name));
    });
  }

  it("refuses a variable that is in environment and in secrets", () =>
    assert.deepEqual(problemsOf({ environment: { KEY: "x" }, secrets: { KEY: secret } }), [
      {
        key: "secrets.KEY",
        value: "an arn in eu-west-1",
        expected: "a name that is not in environment as well",
      },
    ]));

  it("accepts a tag on this machine, whose images may be in no registry", () => {
    const variants = { blue: { target: "ecs", weight: 100, image: "model:candidate" } };
    for (const image of ["repo/name:1.2", "repo/name", "model", "host:5000/repo/name:v1"])
      assert.equal(settingsOf({ target: "local", image, variants }).image, image);
  });

  it("refuses a sign-in for two registries: it would go to both", () => {
    const variants = {
      blue: { target: "ecs", weight: 50, image: `quay.io/team/model@${digest}` },
      green: { target: "ecs", weight: 50 },
    };
    const own = { target: "variants", variants, imageCredentials: secret, image: `ghcr.io/team/model@${digest}` };
    const expected = "images in one registry outside ECR: the sign-in would go to ghcr.io, quay.io";
    assert.deepEqual(problemsOf(own), [{ key: "imageCredentials", value: secret, expected }]);
    const ecr = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/model@${digest}`;
    for (const image of [ecr, "build", `quay.io/team/other@${digest}`])
      assert.deepEqual(problemsOf({ ...own, image }), []);
  });

  it("notes a sign-in that no image needs", () => {
    const notes = (own: object) => settingsOf({ imageCredentials: secret, ...own }).notes;
    const kept = "imageCredentials is kept and ignored: ";
    const image = `ghcr.io/team/model@${digest}`;
    assert.deepEqual(notes({ image }), []);
    assert.deepEqual(notes({}), [`${kept}no image is outside ECR`]);
    assert.deepEqual(notes({ image, target: "local" }), [`${kept}Docker signs in itself`]);
  });

  it("notes a build beside an image that exists, and keeps it for the flip back", () => {
    const image = `repo/name@${digest}`;
    const { notes, build } = settingsOf({ image, build: { target: "serve" } });
    assert.deepEqual(notes, ["build is kept and ignored: image names an image that exists"]);
    assert.equal(build.target, "serve");
    assert.deepEqual(settingsOf({ image, build: {} }).notes, []);
    assert.deepEqual(settingsOf({ build: { target: "serve" } }).notes, []);
  });

  it("returns settings that are frozen at any depth", () => {
    const settings = settingsOf({ schedule: { w: window }, environment: { A: "1" } });
    const frozen = (value: unknown): boolean =>
      typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    assert.ok(frozen(settings));
  });

  it("does not freeze its input", () => {
    const own = { replicas: { min: 2 }, ingressCidrs: ["10.0.0.0/8"] };
    settingsOf(own);
    assert.equal(Object.isFrozen(own.replicas) || Object.isFrozen(own.ingressCidrs), false);
  });
});
