import assert from "node:assert/strict";
import { RunError } from "@pulumi/pulumi";
import { describeProblems } from "../../../../components/core/problems";
import { parseSettings } from "../../../../components/settings";
import { keys } from "../../../../components/settings/keys";
import { evaluateStack } from "../../../../tools/offline";
import { offlineCloud } from "../../../../tools/offline/cloud";
import { problemsOf } from "../../support/settings";

/** What a person reads when the dev stack has these values in place of its own, and what was created before that. */
async function refusalOfDev(own: Readonly<Record<string, unknown>>) {
  const created: string[] = [];
  const offline = offlineCloud("us-east-1");
  const create: typeof offline.create = (args) => {
    if (args.custom) created.push(args.name);
    return offline.create(args);
  };
  const overrides = Object.fromEntries(Object.entries(own).map(([key, value]) => [`inference:${key}`, value]));
  const error = await evaluateStack("dev", { overrides, cloud: { ...offline, create } }).then(
    () => assert.fail("the stack was not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RunError, "a message without a stack");
  return { message: error.message, created };
}

describe("Problems in a stack's configuration", () => {
  it("are reported together, each with key, value and what is expected, before the first resource", async () => {
    const { message, created } = await refusalOfDev({
      cpu: 256,
      memory: 4096,
      replicas: { min: 5, max: 2 },
      network: { zones: 1 },
      ingressCidrs: ["10.0.0.0/8", "10.1.0.0/16"],
      image: "repo/name:latest",
      secrets: { KEY: "hunter2" },
      memmory: 1024,
      schedule: {
        a: { days: ["mon"], from: "08:00", to: "12:00", min: 1, max: 1 },
        b: { days: ["mon"], from: "11:00", to: "13:00", min: 1, max: 1 },
      },
    });
    assert.deepEqual(created, []);
    assert.equal(
      message,
      [
        "Configuration of stack dev: 8 problems",
        "  unknown key memmory: did you mean memory?",
        '  secrets.KEY is "[not shown]"; expected the arn of a Secrets Manager secret or an SSM parameter',
        "  network.zones is 1; expected a whole number from 2 to 4",
        '  image is "repo/name:latest"; expected "build", or repository@sha256:<64 hex digits>, because a tag can move: npm run pin -- repo/name:latest --stack dev',
        "  memory is 4096; expected a size that Fargate offers with cpu 256: 512, 1024, 2048",
        "  replicas.min is 5; expected at most replicas.max, which is 2",
        '  schedule.b is {"days":["mon"],"from":"11:00","to":"13:00","timeZone":"UTC","min":1,"max":1}; expected hours that do not overlap with schedule.a',
        '  ingressCidrs[1] is "10.1.0.0/16"; expected a block that does not overlap with 10.0.0.0/8',
      ].join("\n"),
    );
  });

  it("of EKS and variants are reported together: first invalid values, then values that do not fit each other", async () => {
    const keysOf = async (own: Readonly<Record<string, unknown>>) => {
      const { message, created } = await refusalOfDev(own);
      assert.deepEqual(created, []);
      return [...message.matchAll(/^ {2}(\S+) is /gm)].map(([, key]) => key);
    };
    const target = "variants";
    const unreadable = {
      target,
      variants: { Blue: { target: "eks", weight: 100 }, green: { target: "esk", weight: 30 } },
      weights: { ecs: 101, eks: 0 },
      eks: { endpoint: "pubic", deployerArns: ["me"] },
    };
    const read = ["weights.ecs", "variants.Blue", "variants.green.target", "eks.endpoint", "eks.deployerArns[0]"];
    assert.deepEqual(await keysOf(unreadable), read);
    const contradictory = {
      target,
      variants: { blue: { target: "eks", weight: 90 }, green: { target: "ecs", weight: 20 } },
      eks: { endpointCidrs: [] },
      network: { cidr: "172.20.0.0/16" },
    };
    assert.deepEqual(await keysOf(contradictory), ["variants", "eks.endpointCidrs", "network.cidr"]);
  });

  it("include a missing region next to an invalid value", () => {
    const parsed = parseSettings({ "inference:cpu": "many" }, { project: "inference", stack: "dev" });
    assert.ok("problems" in parsed);
    assert.equal(
      describeProblems("Configuration of stack dev", parsed.problems),
      [
        "Configuration of stack dev: 3 problems",
        '  cpu is "many"; expected one of 256, 512, 1024, 2048, 4096, 8192, 16384',
        '  ingressCidrs is []; expected the blocks that may call: your own, or ["0.0.0.0/0"] for everyone',
        "  aws:region is missing; expected a commercial AWS region: pulumi config set aws:region eu-west-1",
      ].join("\n"),
    );
  });

  it("of the container include those of every other field beside an invalid one", () => {
    const container = {
      preset: "fastapi",
      port: 70_000,
      user: "1000",
      command: [],
      writablePaths: ["/data", "/", "/data/x"],
      livenessPath: "/alive",
      platformPaths: ["/alive", "admin"],
      logFormat: "ours",
      healthCommnad: ["true"],
    };
    assert.deepEqual(
      problemsOf({ container }).map(({ key }) => key),
      [
        "container.healthCommnad",
        "container.port",
        "container.writablePaths[1]",
        "container.platformPaths[1]",
        "container.command",
        "container.writablePaths[2]",
        "container.platformPaths",
        "container.logFormat",
      ],
    );
  });

  it("of the container do not include what an invalid field might contradict", () => {
    const keysOf = (container: object) => problemsOf({ container }).map(({ key }) => key);
    assert.deepEqual(keysOf({ preset: "tei", port: 0, user: "1000" }), ["container.port"]);
    assert.deepEqual(keysOf({ preset: "tie", port: 80, logFormat: "ours" }), ["container.preset"]);
    assert.deepEqual(keysOf({ preset: "vllm", livenessPath: "metrics", platformPaths: ["/metrics"] }), [
      "container.livenessPath",
    ]);
  });

  it("show one key with one value", () => {
    const lines = (own: Readonly<Record<string, unknown>>) =>
      problemsOf(own).map(({ key, value, expected }) => `${key} is ${JSON.stringify(value)}: ${expected}`);
    assert.deepEqual(lines({ ingressCidrs: ["10.0.0.0/8", "10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0"] }), [
      'ingressCidrs[1] is "10.0.0.0/8": a block that does not overlap with 10.0.0.0/8',
      'ingressCidrs[2] is "10.1.0.0/16": a block that does not overlap with 10.0.0.0/8',
      'ingressCidrs[3] is "0.0.0.0/0": a block that does not overlap with 10.0.0.0/8, 10.1.0.0/16',
    ]);
    assert.deepEqual(lines({ egress: { DB: { port: 70_000 } } }), [
      'egress.DB is "DB": at most 32 lower-case letters, digits and - in the name of a rule',
    ]);
    const image = `team/agent@sha256:${"0".repeat(64)}`;
    assert.deepEqual(lines({ sidecars: { agent: { image, cpu: 600, memory: 2048 } } }), [
      'sidecars is {"cpu":600,"memory":2048}: at most 512 of cpu together, half of the replica\'s 1024',
      'sidecars is {"cpu":600,"memory":2048}: at most 1024 of memory together, half of the replica\'s 2048',
    ]);
    const apiKeys = "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys-AbCdEf";
    assert.deepEqual(
      problemsOf({ target: "eks", apiKeys }).map(({ key, value }) => [key, value]),
      [
        ["apiKeys", "an arn in us-east-1"],
        ["apiKeys", "an arn in us-east-1"],
      ],
    );
  });

  it("do not include what an invalid region might contradict", () => {
    const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";
    const domain = { name: "api.example.com", zone: "example.com", certificateArn };
    const keysIn = (region: string) => problemsOf({ "aws:region": region, domain }).map(({ key }) => key);
    assert.deepEqual(keysIn("eu-west"), ["aws:region"]);
    assert.deepEqual(keysIn("eu-west-1"), ["domain.certificateArn"]);
  });

  it("do not include the overlap of a window whose own times are wrong", () => {
    const right = { days: ["mon"], from: "08:00", to: "12:00", min: 1, max: 1 };
    const wrong = { ...right, days: [] };
    assert.deepEqual(
      problemsOf({ schedule: { right, wrong } }).map(({ key }) => key),
      ["schedule.wrong.days"],
    );
  });

  it("include a key that must not be encrypted, without its value", async () => {
    process.env.PULUMI_CONFIG_SECRET_KEYS = '["inference:environment","other:token"]';
    try {
      const { message, created } = await refusalOfDev({ environment: { TOKEN: "hunter2" } });
      assert.deepEqual(created, []);
      assert.equal(
        message,
        'Configuration of stack dev: 1 problem\n  environment is "[encrypted]"; expected plain text: keep secrets in AWS Secrets Manager and name their arn under secrets',
      );
    } finally {
      delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    }
  });

  it("do not include encrypted notifications: the address of a pager is a secret", async () => {
    process.env.PULUMI_CONFIG_SECRET_KEYS = '["inference:notifications"]';
    try {
      const { outputs } = await evaluateStack("dev", {
        overrides: { notifications: { pagers: ["https://p.example.com/key"] } },
      });
      assert.equal(outputs.target, "ecs");
    } finally {
      delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    }
  });

  it("list the known keys once, and never the value of an unknown one, which may be a secret", () => {
    const lines = (own: Readonly<Record<string, unknown>>) =>
      describeProblems("Stack dev", problemsOf(own)).split("\n").slice(1);
    const unknown = { ingresCidrs: ["10.0.0.0/8"], dbPassword: "hunter2", keepAlive: 5, replicas: { mim: 2, low: 1 } };
    assert.deepEqual(lines(unknown), [
      "  unknown key ingresCidrs: did you mean ingressCidrs?",
      `  unknown keys dbPassword, keepAlive: expected one of ${Object.keys(keys).join(", ")}`,
      "  unknown key replicas.mim: did you mean min?",
      "  unknown key replicas.low: expected min, max",
    ]);
  });

  it("include a variable that only the program sets, with the command that removes it", () => {
    const own = { environment: { PORT: 8000, API_KEYS: "hunter2" } };
    assert.deepEqual(describeProblems("Stack dev", problemsOf(own)).split("\n").slice(1), [
      '  environment.PORT is "8000"; expected no value: only the program sets PORT (pulumi config rm --path environment.PORT)',
      '  environment.API_KEYS is "[not shown]"; expected no value: only the program sets API_KEYS (pulumi config rm --path environment.API_KEYS)',
    ]);
  });

  it("do not include a key under a namespace similar to the project's, which is a warning", async () => {
    const overrides = { "inferense:protect": true, "aws:profile": "team", "infer:memory": 1024, "inferense:other": 1 };
    const { logs } = await evaluateStack("dev", { overrides });
    assert.deepEqual(
      logs.filter(({ message }) => /is not read/.test(message)),
      [{ severity: "warning", message: "inferense:protect is not read: did you mean inference:protect?" }],
    );
  });

  it("never include the value of an encrypted key that is invalid as well", async () => {
    process.env.PULUMI_CONFIG_SECRET_KEYS = '["inference:image"]';
    try {
      const { message } = await refusalOfDev({ image: "hunter2" });
      assert.doesNotMatch(message, /hunter2/);
    } finally {
      delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    }
  });
});
