import assert from "node:assert/strict";
import { withField, withFields, withValue } from "../../../../tools/stack/value";

const value = `123456789012.dkr.ecr.us-east-1.amazonaws.com/inference-0a1b2c3@sha256:${"a".repeat(64)}`;
const change = { file: "Pulumi.prod.yaml", project: "inference", key: "image", value };

describe("withValue", () => {
  for (const [title, before, after] of [
    [
      "replaces the value and keeps every comment",
      "# Prod\nconfig:\n  cpu: 512 # small\n  # released\n  image: build # for now\n  memory: 1024\n",
      `# Prod\nconfig:\n  cpu: 512 # small\n  # released\n  image: ${value} # for now\n  memory: 1024\n`,
    ],
    [
      "replaces a quoted value, and keeps the quotes",
      'config:\n  image: "old@sha256:1"\n',
      `config:\n  image: "${value}"\n`,
    ],
    [
      "replaces the key that the CLI wrote with the project's name",
      "config:\n    inference:image: build\n    aws:region: us-east-1\n",
      `config:\n    inference:image: ${value}\n    aws:region: us-east-1\n`,
    ],
    [
      "adds the key as the first, in front of the comment of the next",
      "encryptionsalt: v1:abc\nconfig:\n  # Where\n  aws:region: us-east-1\n  replicas: {min: 1,   max: 2}\n",
      `encryptionsalt: v1:abc\nconfig:\n  image: ${value}\n  # Where\n  aws:region: us-east-1\n  replicas: {min: 1,   max: 2}\n`,
    ],
    [
      "adds it with the project's name where the other keys have that",
      "config:\n  inference:cpu: 512\n",
      `config:\n  inference:image: ${value}\n  inference:cpu: 512\n`,
    ],
  ] as const) {
    it(title, () => assert.equal(withValue(before, change), after));
  }

  for (const text of ["", "config: {}\n".replace("{}", ""), "encryptionsalt: v1:abc\n"]) {
    it(`refuses a file without keys: ${JSON.stringify(text)}`, () =>
      assert.throws(() => withValue(text, change), /^Error: Pulumi\.prod\.yaml has no keys under config; expected/));
  }

  describe("of a variant", () => {
    const ofBlue = { ...change, key: "variants.blue.image" };
    for (const [title, before, after] of [
      [
        "replaces the value",
        "config:\n  variants:\n    blue: # first\n      image: a@b # old\n      weight: 1\n    green: {}\n",
        `config:\n  variants:\n    blue: # first\n      image: ${value} # old\n      weight: 1\n    green: {}\n`,
      ],
      [
        "adds the key before the others",
        "config:\n    inference:variants:\n        blue:\n            target: ecs\n            weight: 1\n",
        `config:\n    inference:variants:\n        blue:\n            image: ${value}\n            target: ecs\n            weight: 1\n`,
      ],
      [
        "adds it on one line",
        "config:\n  variants: { blue: { target: ecs }, green: {} }\n",
        `config:\n  variants: { blue: {image: ${value},  target: ecs }, green: {} }\n`,
      ],
      [
        "adds it to an empty object",
        "config:\n  variants:\n    blue: {}\n",
        `config:\n  variants:\n    blue: {image: ${value}}\n`,
      ],
    ] as const) {
      it(title, () => assert.equal(withValue(before, ofBlue), after));
    }

    for (const text of ["cpu: 1", "variants: {}", "variants: { green: {} }", "variants: blue"]) {
      it(`is refused without that variant: ${text}`, () =>
        assert.throws(
          () => withValue(`config:\n  ${text}\n`, ofBlue),
          /^Error: Pulumi\.prod\.yaml has no variants\.blue$/,
        ));
    }
  });
});

describe("withField", () => {
  const port = { file: "Pulumi.dev.yaml", project: "inference", key: "container.port", value: 9000 };
  const paths = { ...port, key: "container.writablePaths", value: ["/tmp", "/cache"] };
  for (const [title, change, before, after] of [
    [
      "adds the object if there is none",
      port,
      "config:\n  # Size\n  cpu: 512\n",
      "config:\n  container:\n    port: 9000\n  # Size\n  cpu: 512\n",
    ],
    [
      "adds a field to the object",
      port,
      "config:\n  container: # ours\n    preset: fastapi # web\n",
      "config:\n  container: # ours\n    port: 9000\n    preset: fastapi # web\n",
    ],
    [
      "replaces a number and keeps its comment",
      port,
      "config:\n  container:\n    port: 80 # old\n",
      "config:\n  container:\n    port: 9000 # old\n",
    ],
    [
      "replaces a list in lines",
      paths,
      "config:\n  container:\n    writablePaths:\n      - /tmp\n    # end\n    port: 80\n  cpu: 512\n",
      "config:\n  container:\n    writablePaths:\n      [ /tmp, /cache ]\n    # end\n    port: 80\n  cpu: 512\n",
    ],
    [
      "replaces a list on one line",
      paths,
      "config:\n  container: { writablePaths: [/tmp], port: 80 }\n",
      "config:\n  container: { writablePaths: [ /tmp, /cache ], port: 80 }\n",
    ],
    [
      "sets a key of its own",
      { ...port, key: "memory", value: 2048 },
      "config:\n  memory: 512\n",
      "config:\n  memory: 2048\n",
    ],
  ] as const) {
    it(title, () => assert.equal(withField(before, change), after));
  }
});

describe("withFields", () => {
  it("keeps the order of new keys, those of one object together", () =>
    assert.equal(
      withFields("config:\n  aws:region: us-east-1\n", { file: "Pulumi.dev.yaml", project: "inference" }, [
        { key: "container.preset", value: "fastapi" },
        { key: "build.context", value: "../server" },
        { key: "memory", value: 2048 },
        { key: "container.port", value: 9000 },
      ]),
      [
        "config:",
        "  container:",
        "    preset: fastapi",
        "    port: 9000",
        "  build:",
        "    context: ../server",
        "  memory: 2048",
        "  aws:region: us-east-1",
        "",
      ].join("\n"),
    ));
});
