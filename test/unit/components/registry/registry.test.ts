import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildOf } from "../../../../components/core/build";
import { contentOf } from "../../../../components/core/image-content";
import { lifecycleRules } from "../../../../components/core/lifecycle-rules";
import { Registry, type RegistryArgs } from "../../../../components/registry";
import { projectFolder } from "../../../../tools/stack/file";
import { temporaryFolder } from "../../../support/folder";
import { declared, deployed } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const repository = "aws:ecr/repository:Repository";
const image = "docker-build:index:Image";
const app = join(projectFolder, "app");
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

const args: RegistryArgs = {
  image: "build",
  build: buildOf(app),
  architecture: "x86_64",
  protect: false,
  reader: { hasTag: () => Promise.reject(new Error("a preview asks for no tag")) },
};

/** The SDK adds the network. */
const plainInputs = ["buildArgs", "buildOnPreview", "context", "network", "platforms", "push", "registries", "tags"];

function registry(own: Partial<RegistryArgs> = {}) {
  return declared(() => {
    const { reference, digest, repositoryArn } = new Registry("inference", { ...args, ...own }).image;
    return { reference, digest, repositoryArn };
  });
}

/** A program that runs under other values of the environment, which are then as they were. */
async function withEnvironment<T>(values: Readonly<Record<string, string | undefined>>, run: () => Promise<T>) {
  const before = { ...process.env };
  const builds = [
    ...["GIT_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_NUMBER", "GITHUB_RUN_NUMBER", "CI_PIPELINE_IID"],
    ...["GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "CI_PROJECT_URL", "GIT_URL"],
  ];
  for (const name of builds) delete process.env[name];
  Object.assign(process.env, values);
  try {
    return await run();
  } finally {
    for (const name of [...builds, ...Object.keys(values)]) delete process.env[name];
    Object.assign(process.env, before);
  }
}

describe("Registry", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await registry();
  });

  it("scans on push, encrypts, and lets no tag move", () => {
    const { inputs } = plain.one(repository);
    assert.deepEqual(inputs.imageScanningConfiguration, { scanOnPush: true });
    assert.deepEqual(inputs.encryptionConfigurations, [{ encryptionType: "AES256" }]);
    assert.equal(inputs.imageTagMutability, "IMMUTABLE");
  });

  it("leaves the repository's name to Pulumi", () => assert.equal("name" in plain.one(repository).inputs, false));

  it("protects the repository and keeps its images with protect: true", async () => {
    for (const protect of [true, false]) {
      const { inputs, options } = (await registry({ protect })).one(repository);
      assert.deepEqual([options.protect, inputs.forceDelete], [protect, !protect]);
    }
  });

  it("gives the repository the lifecycle rules", () => {
    const { inputs } = plain.one("aws:ecr/lifecyclePolicy:LifecyclePolicy");
    assert.deepEqual(JSON.parse(String(inputs.policy)), { rules: lifecycleRules });
  });

  describe("builds", () => {
    it("one image, of one architecture, pushed under version and content, never latest", () => {
      const { inputs } = plain.one(image);
      const { version, hash } = contentOf(buildOf(app), "linux/amd64");
      assert.deepEqual(inputs.platforms, ["linux/amd64"]);
      assert.deepEqual(inputs.tags, [`123456789012.dkr.ecr.eu-west-1.amazonaws.com/inference:v${version}-${hash}`]);
      assert.deepEqual([inputs.push, inputs.context], [true, { location: app }]);
      assert.doesNotMatch(JSON.stringify(inputs), /latest/);
    });

    it("for Graviton when architecture is arm64", async () =>
      assert.deepEqual((await registry({ architecture: "arm64" })).one(image).inputs.platforms, ["linux/arm64"]));

    it("nothing in a preview, which needs no Docker", () =>
      assert.equal(plain.one(image).inputs.buildOnPreview, false));

    it("nothing again for the same content: a later commit changes nothing", async () => {
      const first = await withEnvironment({ GIT_COMMIT: "aaaa", BUILD_NUMBER: "1" }, registry);
      const second = await withEnvironment({ GIT_COMMIT: "bbbb", BUILD_NUMBER: "2" }, registry);
      const [before, after] = [first.one(image), second.one(image)];
      assert.equal(after.name, before.name);
      assert.deepEqual(after.options.ignoreChanges, ["buildArgs", "tags"]);
      assert.deepEqual({ ...after.inputs, buildArgs: {} }, { ...before.inputs, buildArgs: {} });
    });

    for (const [commit, build] of [
      ["GIT_COMMIT", "BUILD_NUMBER"],
      ["GITHUB_SHA", "GITHUB_RUN_NUMBER"],
      ["CI_COMMIT_SHA", "CI_PIPELINE_IID"],
    ] as const) {
      it(`with the commit of ${commit} and the number of ${build} as build arguments, which the Dockerfile makes labels of`, async () => {
        const plan = await withEnvironment({ [commit]: "0a1b2c", [build]: "42" }, registry);
        const { version: VERSION } = contentOf(buildOf(app), "linux/amd64");
        assert.deepEqual(plan.one(image).inputs.buildArgs, { VERSION, REVISION: "0a1b2c", BUILD: "42" });
      });
    }

    for (const [variables, SOURCE] of [
      [{ GITHUB_REPOSITORY: "acme/shop", GITHUB_SERVER_URL: "https://git.acme.com" }, "https://git.acme.com/acme/shop"],
      [{ CI_PROJECT_URL: "https://gitlab.com/acme/shop" }, "https://gitlab.com/acme/shop"],
      [{ GIT_URL: "https://ann:hunter2@git.acme.com/shop.git" }, "https://git.acme.com/shop.git"],
    ] as const) {
      it(`with the repository ${SOURCE} as source, without a sign-in`, async () => {
        const { inputs } = (await withEnvironment(variables, registry)).one(image);
        assert.equal((inputs.buildArgs as { SOURCE?: string }).SOURCE, SOURCE);
      });
    }

    it("without origin labels that the environment does not set", async () => {
      const { inputs } = (await withEnvironment({}, registry)).one(image);
      assert.deepEqual(Object.keys(inputs.buildArgs as object), ["VERSION"]);
    });

    it("a plain folder with no further input: one would build the images of existing stacks again", () =>
      assert.deepEqual(Object.keys(plain.one(image).inputs).sort(), plainInputs));

    describe("a folder of someone else", () => {
      const context = temporaryFolder("service");
      mkdirSync(join(context, "docker"));
      writeFileSync(join(context, "docker/Dockerfile.gpu"), `FROM python:3.12@${digest} AS serve\nARG VERSION=3\n`);
      writeFileSync(join(context, "token"), "hunter2\n");
      const build = { ...buildOf(context), dockerfile: "docker/Dockerfile.gpu", target: "serve", args: { CUDA: "12" } };
      const secrets = { token: join(context, "token"), pip: "REGISTRY_TEST_TOKEN" };
      const variable = { REGISTRY_TEST_TOKEN: "hunter3" };

      it("with its Dockerfile, target and arguments, and no argument that it does not declare", async () => {
        const { inputs } = (await withEnvironment({ GIT_COMMIT: "0a1b2c" }, () => registry({ build }))).one(image);
        assert.deepEqual(inputs.context, { location: context });
        assert.deepEqual(inputs.dockerfile, { location: join(context, "docker/Dockerfile.gpu") });
        assert.deepEqual([inputs.target, inputs.buildArgs], ["serve", { CUDA: "12" }]);
        assert.match(String(inputs.tags), /:v0-[0-9a-f]{12}$/);
      });

      it("under the version of the settings", async () =>
        assert.match(
          String((await registry({ build: { ...build, version: "7.1" } })).one(image).inputs.tags),
          /:v7\.1-/,
        ));

      it("with secrets that the state holds encrypted", async () => {
        const { inputs, secretInputs } = (
          await withEnvironment(variable, () => registry({ build: { ...build, secrets } }))
        ).one(image);
        assert.deepEqual(inputs.secrets, { token: "hunter2\n", pip: "hunter3" });
        assert.ok(secretInputs.includes("secrets"));
      });

      it("not again when only the value of a secret changes", async () => {
        const built = async (value: string) => {
          const given = { REGISTRY_TEST_TOKEN: value };
          return (await withEnvironment(given, () => registry({ build: { ...build, secrets } }))).one(image);
        };
        const [before, after] = [await built("hunter3"), await built("hunter4")];
        assert.equal(after.name, before.name);
        assert.deepEqual(after.inputs.ignoreSecretsInDiffCalculation, ["token", "pip"]);
      });

      it("anew when its arguments or its target change", async () => {
        const nameOf = async (own: object) => (await registry({ build: { ...build, ...own } })).one(image).name;
        const names = [await nameOf({}), await nameOf({ target: "other" }), await nameOf({ args: { CUDA: "13" } })];
        assert.equal(new Set(names).size, 3);
      });
    });

    it("an image that remains in the repository when the content changes", () =>
      assert.equal(plain.one(image).options.retainOnDelete, true));

    describe("earlier content again, after a reverted commit", () => {
      const { version, hash } = contentOf(buildOf(app), "linux/amd64");
      const tagBeside = async (taken: string) => {
        const reader: RegistryArgs["reader"] = { hasTag: async (name, tag) => `${name}:${tag}` === taken };
        const plan = await deployed(() => new Registry("inference", { ...args, reader }));
        const [tag] = plan.one(image).inputs.tags as string[];
        return tag?.split(":").pop();
      };

      it("under a new tag, because tags are immutable", async () =>
        assert.match(
          (await tagBeside(`inference:v${version}-${hash}`)) ?? "",
          new RegExp(`^v${version}-${hash}-[0-9a-z]+$`),
        ));

      it("under the plain tag with a warning if ECR cannot be queried", async () => {
        const reader: RegistryArgs["reader"] = { hasTag: () => Promise.reject(new Error("not yours to ask")) };
        const plan = await deployed(() => new Registry("inference", { ...args, reader }));
        assert.match(String(plan.one(image).inputs.tags), new RegExp(`:v${version}-${hash}$`));
        const [warning, ...others] = plan.said("warning");
        assert.match(warning ?? "", /not yours to ask$/);
        assert.deepEqual(others, []);
      });

      it("under the plain tag if no image has it", async () =>
        assert.equal(await tagBeside("inference:v1"), `v${version}-${hash}`));
    });

    describe("on a base image", () => {
      async function said(from: string, own: Partial<RegistryArgs> = {}) {
        const context = temporaryFolder("base");
        const files = { Dockerfile: from, ".dockerignore": "", "package.json": '{"version":"1.0.0"}' };
        for (const [name, text] of Object.entries(files)) writeFileSync(join(context, name), text);
        return (await registry({ build: buildOf(context), ...own }))
          .said("info")
          .map((text) => text.replace(context, "service"));
      }

      it("that is referenced by tag, with the command that pins it", async () =>
        assert.deepEqual(await said("FROM node:24 AS base\nFROM base\n"), [
          "service/Dockerfile: the base image is not pinned by digest (node:24). Pin it with npm run pin -- --base --stack test",
        ]));

      it("of our own server, with the command for app/Dockerfile", async () => {
        const told = (await registry({ build: buildOf("app") })).said("info");
        assert.match(told.join(), /^app\/Dockerfile: .*Pin it with npm run pin -- --base$/);
      });

      it("by digest, silently", async () => assert.deepEqual(await said(`FROM node:24@${digest}\n`), []));

      it("silently where nothing is built", async () =>
        assert.deepEqual(await said("FROM node:24\n", { image: `ghcr.io/team/model@${digest}` }), []));
    });

    it("with a password that is a secret", () => assert.ok(plain.one(image).secretInputs.includes("registries")));

    it("the image that every target runs, by digest", () =>
      assert.deepEqual(plain.outputs, {
        reference: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/inference@${digest}`,
        digest,
        repositoryArn: "arn:aws:ecr:eu-west-1:123456789012:repository/inference",
      }));
  });

  describe("with a pinned image", () => {
    const inEcr = `999999999999.dkr.ecr.us-east-1.amazonaws.com/team/model@${digest}`;

    it("builds nothing and requests no token from ECR", async () => {
      const plan = await registry({ image: inEcr, build: buildOf("/nowhere") });
      assert.deepEqual(plan.all(image), []);
    });

    for (const reference of [inEcr, inEcr.replace("@", ":v1@")]) {
      it(`names the repository of ${reference.slice(44)}`, async () =>
        assert.deepEqual((await registry({ image: reference })).outputs, {
          reference,
          digest,
          repositoryArn: "arn:aws:ecr:us-east-1:999999999999:repository/team/model",
        }));
    }

    it("names the sign-in to the registry of an image outside ECR, and to that one alone", async () => {
      const imageCredentials = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ghcr-AbCdEf";
      const credentialsOf = async (own: Partial<RegistryArgs>, named = own.image ?? "") => {
        const plan = await declared(() => ({
          signIn: new Registry("inference", { ...args, imageCredentials, ...own }).imageFor({ image: named })
            .credentials,
        }));
        return plan.outputs.signIn;
      };
      const secretArn = imageCredentials;
      const image = `ghcr.io/team/model@${digest}`;
      assert.deepEqual(await credentialsOf({ image }), { secretArn, registry: "ghcr.io" });
      assert.deepEqual(await credentialsOf({ image: "build" }, image), { secretArn, registry: "ghcr.io" });
      assert.deepEqual(await credentialsOf({ image: `team/model@${digest}` }), {
        secretArn,
        registry: "https://index.docker.io/v1/",
      });
      assert.equal(await credentialsOf({ image: inEcr }), undefined);
      assert.equal(await credentialsOf({ image: "build" }), undefined);
      assert.equal(await credentialsOf({ image, imageCredentials: "none" }), undefined);
    });

    it("names no repository for an image outside ECR", async () => {
      const reference = `ghcr.io/team/model@${digest}`;
      assert.deepEqual((await registry({ image: reference })).outputs, {
        reference,
        digest,
        repositoryArn: undefined,
      });
    });
  });
});
