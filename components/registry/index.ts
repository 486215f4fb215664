import { readFileSync } from "node:fs";
import * as aws from "@pulumi/aws";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import type { TagReader } from "../aws/ecr";
import { providerFor } from "../aws/providers";
import { baseImages, isPinned } from "../core/base-image";
import { type Build, buildArgsOf, dockerfileOf, ourContext, secretSource, usualDockerfile } from "../core/build";
import type { Image } from "../core/deployment";
import { contentOf } from "../core/image-content";
import { loginName, parseImage, repositoryArnOf } from "../core/image-reference";
import { lifecycleRules } from "../core/lifecycle-rules";
import { endProgram } from "../core/problems";
import { reasonOf } from "../core/reason";
import { type Architecture, imageArchitecture } from "../core/service-spec";
import type { Workload } from "../core/workload";
import type { ImageGate } from "./scan-gate";

export interface RegistryArgs {
  /** "build", or the repository@sha256:... of an image that exists. */
  readonly image: string;
  readonly build: Build;
  /** Of the registry that holds the images outside ECR: "none", or the arn of a secret. */
  readonly imageCredentials?: string;
  readonly architecture: Architecture;
  readonly protect: boolean;
  readonly reader: TagReader;
  /** Decides whether an image may be deployed. Absent: every image may. */
  readonly gate?: ImageGate;
}

/** The image that every target runs. */
export interface PinnedImage extends Image {
  readonly reference: pulumi.Output<string>;
  readonly digest: pulumi.Output<string>;
}

/**
 * An ECR repository and one build for one architecture, unless the settings pin a digest. The build needs Docker with
 * buildx. ECR bills the stored bytes.
 *
 * @example
 * const registry = new Registry("inference", { image: "build", build: defaultValues().build, architecture: "x86_64", protect: false, reader });
 * registry.imageFor(workload).reference; // repository@sha256:...
 */
export class Registry extends pulumi.ComponentResource {
  readonly image: PinnedImage;
  private readonly images = new Map<string, Image>();
  private readonly args: RegistryArgs;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:Registry", name, {}, opts);
    const inside = { parent: this };
    this.args = args;
    const repository = createRepository(name, args.protect, inside);
    createLifecycle(name, repository, inside);
    if (args.image === "build") reportLooseBases(args.build, this);
    this.image =
      args.image === "build"
        ? buildImage(name, args, repository, inside)
        : pinnedImage(args.image, args.imageCredentials);
    this.registerOutputs({ image: this.image.reference });
  }

  /** The workload's own image, or else the stack's. Its reference resolves once the gate lets it pass. */
  imageFor({ image: choice }: Pick<Workload, "image">): Image {
    const { image, imageCredentials, gate } = this.args;
    const known = this.images.get(choice);
    if (known) return known;
    const pinned = choice === image ? this.image : pinnedImage(choice, imageCredentials);
    const reference = gate
      ? pinned.reference.apply((passed) => gate(passed).then(() => passed, endProgram))
      : pinned.reference;
    const allowed = { ...pinned, reference };
    this.images.set(choice, allowed);
    return allowed;
  }
}

function createRepository(name: string, protect: boolean, inside: pulumi.ResourceOptions) {
  return new aws.ecr.Repository(
    name,
    {
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: !protect,
    },
    { ...inside, protect },
  );
}

function createLifecycle(name: string, repository: aws.ecr.Repository, inside: pulumi.ResourceOptions) {
  new aws.ecr.LifecyclePolicy(
    name,
    { repository: repository.name, policy: JSON.stringify({ rules: lifecycleRules }) },
    inside,
  );
}

/** With a tag two machines may build different images, and a patch of the base image causes no new build. */
function reportLooseBases(build: Build, registry: Registry): void {
  const dockerfile = dockerfileOf(build);
  const loose = baseImages(readFileSync(dockerfile, "utf8")).filter((image) => !isPinned(image));
  if (loose.length === 0) return;
  const stack = build.context === ourContext ? "" : ` --stack ${pulumi.getStack()}`;
  pulumi.log.info(
    `${dockerfile}: the base image is not pinned by digest (${loose.join(", ")}). Pin it with npm run pin -- --base${stack}`,
    registry,
  );
}

/**
 * Its name contains the hash of the content: new content is a new image with its own origin labels. The same content is not pushed
 * again and keeps the labels of the commit that built it first.
 */
function buildImage(
  name: string,
  { build, architecture, reader }: RegistryArgs,
  repository: aws.ecr.Repository,
  inside: pulumi.ResourceOptions,
): PinnedImage {
  const platform = `linux/${imageArchitecture[architecture]}` as dockerBuild.Platform;
  const { version, hash } = contentOf(build, platform);
  const token = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId }, inside);
  const tag = freeTag(repository, `v${version}-${hash}`, reader);
  const image = new dockerBuild.Image(
    `${name}-${hash}`,
    {
      ...recipeOf(build),
      platforms: [platform],
      tags: [pulumi.interpolate`${repository.repositoryUrl}:${tag}`],
      buildArgs: buildArgsOf(build, origin(version, process.env)),
      push: true,
      buildOnPreview: false,
      registries: [
        { address: repository.repositoryUrl, username: token.userName, password: pulumi.secret(token.password) },
      ],
    },
    {
      ...inside,
      provider: providerFor("docker-build", inside),
      retainOnDelete: true,
      ignoreChanges: ["buildArgs", "tags"],
    },
  );
  return {
    reference: pulumi.interpolate`${repository.repositoryUrl}@${image.digest}`,
    digest: image.digest,
    repositoryArn: repository.arn,
  };
}

/** What an image is built from. A plain build names nothing else: further inputs would build the images of existing stacks again. */
function recipeOf(build: Build) {
  const { context, dockerfile, target, secrets } = build;
  const values = Object.entries(secrets).map(([id, text]) => [id, secretValue(text)] as const);
  return {
    context: { location: context },
    ...(dockerfile !== usualDockerfile && { dockerfile: { location: dockerfileOf(build) } }),
    ...(target !== undefined && { target }),
    ...(values.length > 0 && {
      secrets: pulumi.secret(Object.fromEntries(values)),
      // A token that changes in every run is not another image.
      ignoreSecretsInDiffCalculation: Object.keys(secrets),
    }),
  };
}

function secretValue(text: string): string {
  const source = secretSource(text);
  return "env" in source ? (process.env[source.env] ?? "") : readFileSync(source.src, "utf8");
}

/**
 * The tag, or one with a suffix if an earlier build has it: a reverted commit builds old content again, and tags are immutable. The
 * image resource is named by content, so it keeps the tag of its first build although that tag is then taken.
 */
function freeTag(repository: aws.ecr.Repository, tag: string, reader: TagReader): pulumi.Output<string> {
  return repository.name.apply(async (repositoryName) => {
    const isTaken = !pulumi.runtime.isDryRun() && (await hasTag(reader, repositoryName, tag));
    return isTaken ? `${tag}-${Date.now().toString(36)}` : tag;
  });
}

async function hasTag(reader: TagReader, repositoryName: string, tag: string): Promise<boolean> {
  try {
    return await reader.hasTag(repositoryName, tag);
  } catch (error) {
    const question = `Could not check whether ECR already has the tag ${tag}`;
    await pulumi.log.warn(`${question} (if it has, the push fails): ${reasonOf(error)}`);
    return false;
  }
}

/** The origin of the image from the environment of the build. The Dockerfile turns it into labels. */
function origin(VERSION: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = environment;
  const ofGitHub = GITHUB_REPOSITORY && `${GITHUB_SERVER_URL ?? "https://github.com"}/${GITHUB_REPOSITORY}`;
  // GIT_URL is Jenkins's. A sign-in in it stays out of the label.
  const SOURCE = ofGitHub ?? environment.CI_PROJECT_URL ?? environment.GIT_URL?.replace(/\/\/[^/@]*@/, "//");
  const REVISION = environment.GIT_COMMIT ?? environment.GITHUB_SHA ?? environment.CI_COMMIT_SHA;
  const BUILD = environment.BUILD_NUMBER ?? environment.GITHUB_RUN_NUMBER ?? environment.CI_PIPELINE_IID;
  return { VERSION, ...(REVISION && { REVISION }), ...(BUILD && { BUILD }), ...(SOURCE && { SOURCE }) };
}

function pinnedImage(reference: string, credentials = "none"): PinnedImage {
  const parsed = parseImage(reference);
  const { digest, registry, ecr } = parsed;
  return {
    reference: pulumi.output(reference),
    digest: pulumi.output(digest),
    ...(ecr && { repositoryArn: repositoryArnOf(parsed) }),
    ...(!ecr && credentials !== "none" && { credentials: { secretArn: credentials, registry: loginName(registry) } }),
  };
}
