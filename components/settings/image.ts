import { type Build, buildOf, ourContext } from "../core/build";
import { longestVersion } from "../core/build-version";
import { parseImage } from "../core/image-reference";
import { thresholds } from "../core/image-scan";
import type { Problem } from "../core/problems";
import { runsOnAws } from "../targets";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { environmentText, object, oneOf, optional, record, redacted, text } from "./schema";

export const digestReference = /^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$/;

/** Without a digest. `sha256:…` alone names no image. */
const tagReference = /^(?!sha256:)[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9._-]+)*(:\w[\w.-]{0,127})?$/;

/** An image that exists. Which of the two a target takes is a rule. */
export const isImageReference = (value: string) => digestReference.test(value) || tagReference.test(value);

const reference = text(
  '"build", or repository@sha256:<64 hex digits>; with target local also repository:tag',
  // "build" looks like an image of that name.
  isImageReference,
);

/** A folder is what a person tries who builds the image: the expected value names the keys for it. */
const imageSchema: typeof reference = {
  ...reference,
  read(value, key, problems) {
    const isPath = typeof value === "string" && /^(\.{0,2}\/|~)/.test(value);
    if (!isPath) return reference.read(value, key, problems);
    problems.push({ key, value, expected: `an image. For a folder set image: build and build.context: ${value}` });
    return undefined;
  },
};

const argName = { fits: /^[A-Za-z_][A-Za-z0-9_]*$/, expected: "letters, digits and _ in the name of a build argument" };
const secretId = { fits: /^[A-Za-z0-9_.-]+$/, expected: "letters, digits, _, . and - in the id of a build secret" };
/** Without a key, stage or version behind it: ECS takes the whole secret. */
const credentialsArn = redacted(
  text(
    '"none", or the arn of a Secrets Manager secret',
    (value) => value === "none" || /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^:\s]+$/.test(value),
  ),
);

const someText = (expected: string) => text(expected, (value) => value.trim() !== "");

/** BuildKit sets them (https://docs.docker.com/build/building/variables/#multi-platform-build-arguments). */
const platformArgs = ["TARGET", "BUILD"].flatMap((side) =>
  ["PLATFORM", "OS", "ARCH", "VARIANT"].map((part) => `${side}${part}`),
);

const buildSchema = object(
  {
    context: someText("a folder, relative to the project folder or absolute"),
    dockerfile: someText("the path of a Dockerfile, relative to build.context"),
    target: optional(someText("the name of a stage in the Dockerfile")),
    args: record(argName, environmentText),
    secrets: record(secretId, someText("an environment variable, or the path of a file with a dot or a slash in it")),
    version: optional(
      text(
        `at most ${longestVersion} letters, digits, _, . and -`,
        (value) => value.length <= longestVersion && /^[A-Za-z0-9_.-]+$/.test(value),
      ),
    ),
  },
  buildOf(ourContext),
);

const findingId = { fits: /^[A-Z][A-Za-z0-9-]+$/, expected: "the id of a vulnerability, such as CVE-2025-1234" };
const quotedDay = text(
  'a day such as "2027-01-31"',
  (value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(value).toJSON()?.startsWith(value),
);

/** Without quotes a day is a time in YAML, and Pulumi's CLI passes it on as Go prints one. */
const day: typeof quotedDay = {
  ...quotedDay,
  read: (value, key, problems) =>
    quotedDay.read(typeof value === "string" ? value.replace(/ 00:00:00 \+0000 UTC$/, "") : value, key, problems),
};
const acceptance = object({ until: day, why: someText("the reason why it may run") });

const scanSchema = object(
  { threshold: oneOf(thresholds), accept: record(findingId, acceptance) },
  { threshold: "off", accept: {} },
);

export const imageKeys = {
  image: entry({
    schema: imageSchema,
    fallback: "build",
    text: "The container image. `build` builds the folder that the key `build` names; `repository@sha256:…` runs that image and builds nothing. `npm run pin -- repository:tag --stack <stack>` finds the digest of a tag and writes the key. docs/bring-your-container.md has the contract.",
    example: { image: `ghcr.io/team/model@sha256:${"0".repeat(64)}` },
  }),
  build: entry({
    schema: buildSchema,
    text: "What `image: build` builds: any folder with a Dockerfile, with the stage `target` and the build arguments `args`. Arguments stay readable in the image; `secrets` do not: each is an id, as in `RUN --mount=type=secret,id=…`, with the environment variable or the file on the building machine that holds the value. A changed secret alone builds nothing. The tag is `v<version>-<hash of the content>`: without `version`, the one of the context's package.json, or else its last commit in git.",
    example: {
      build: {
        context: "../model-server",
        dockerfile: "docker/Dockerfile.serve",
        target: "runtime",
        args: { PYTHON_VERSION: "3.12" },
        secrets: { pip: "PIP_TOKEN", netrc: "./netrc" },
      },
    },
  }),
  imageCredentials: entry({
    schema: credentialsArn,
    fallback: "none",
    text: 'The sign-in to a private registry other than ECR: the arn of a Secrets Manager secret with `{"username": "…", "password": "…"}`. ECS reads it with the execution role, EKS with the pod role, and so the container on EKS can read it too. If the secret has a KMS key of your own, that key\'s policy must let these roles decrypt (docs/security.md). ECR needs none, and target `local` uses the images and the sign-in of Docker on this machine.',
    example: {
      image: `ghcr.io/team/model@sha256:${"0".repeat(64)}`,
      imageCredentials: "arn:aws:secretsmanager:us-east-1:123456789012:secret:ghcr-AbCdEf",
    },
  }),
  imageScan: entry({
    schema: scanSchema,
    text: "Refuses a new image with vulnerabilities of severity `threshold` or worse, before any replica runs it: `pulumi up` waits for ECR's scan, 10 minutes at most. `off` neither waits nor checks. It is off by default, because base images often have a critical finding without a fix, such as CVE-2023-45853 in Debian 12: deploy once, read the findings, accept those and then set it. `accept` lets one finding pass until a day. An image that the stack runs already is reported, not refused. ECR scans packages of the system; with Amazon Inspector also those of npm and Python. Where ECR has no scan, `pulumi up` warns and goes on: an image in another registry, a system that ECR does not support, a missing permission.",
    example: {
      imageScan: {
        threshold: "high",
        accept: { "CVE-2023-45853": { until: "2027-01-31", why: "nothing here opens zip files with minizip" } },
      },
    },
  }),
};

export const imageRules = [
  whenValid({
    key: "build",
    fact: `BuildKit sets ${platformArgs.map((name) => `\`${name}\``).join(", ")}. \`build.args\` may not.`,
    reads: ["build"],
    problems: platformProblems,
  }),
  whenValid({
    key: "image",
    fact: "On AWS an image is named by its digest: a tag can move between two replicas.",
    reads: ["target", "image", "variants"],
    problems: tagProblems,
  }),
  whenValid({
    key: "image",
    fact: "Without a NAT gateway (`network.nat: none`) replicas can only pull from ECR in the stack's region.",
    reads: ["target", "image", "variants", "sidecars", "network"],
    problems: pullProblems,
  }),
  whenValid({
    key: "imageCredentials",
    fact: "The secret is in the stack's region. All images outside ECR are in one registry: a sign-in is not sent to another.",
    reads: ["target", "image", "variants", "imageCredentials"],
    problems: credentialsProblems,
  }),
];

function platformProblems({ build }: { readonly build: Build }): Problem[] {
  return Object.entries(build.args)
    .filter(([name]) => platformArgs.includes(name))
    .map(([name, value]) => ({
      key: `build.args.${name}`,
      value,
      expected: `no value: BuildKit sets ${name}, from the key architecture`,
    }));
}

/** Docker on this machine has images that no registry has, and that have no digest. */
function tagProblems(values: Pick<Values, "target" | "image" | "variants">, _region: string, stack: string): Problem[] {
  if (!runsOnAws(values.target)) return [];
  return namedImages(values)
    .filter(({ value }) => !digestReference.test(value))
    .map(({ key, value, variant }) => {
      const command = `npm run pin -- ${value} --stack ${stack}${variant ? ` --variant ${variant}` : ""}`;
      const kinds = variant ? "" : '"build", or ';
      return { key, value, expected: `${kinds}repository@sha256:<64 hex digits>, because a tag can move: ${command}` };
    });
}

/** The images that exist already, of the stack and of its variants. */
function namedImages({ image, variants }: Pick<Values, "image" | "variants">) {
  const own = Object.entries(variants).flatMap(([variant, { image: value }]) =>
    value === undefined ? [] : [{ key: `variants.${variant}.image`, value, variant }],
  );
  return [...(image === "build" ? [] : [{ key: "image", value: image, variant: undefined }]), ...own];
}

/** Without a NAT gateway the endpoints of the VPC reach ECR of their own region and no other registry. */
function pullProblems(
  {
    target,
    image,
    variants,
    sidecars,
    network,
  }: Pick<Values, "target" | "image" | "variants" | "sidecars" | "network">,
  region: string,
): Problem[] {
  if (!runsOnAws(target) || "vpcId" in network || network.nat !== "none") return [];
  const ofSidecars = Object.entries(sidecars).map(([name, { image: value }]) => ({
    key: `sidecars.${name}.image`,
    value,
  }));
  const unreachable = [...namedImages({ image, variants }), ...ofSidecars].filter(
    ({ value }) => parseImage(value).ecr?.region !== region,
  );
  const expected = `an image in ECR of ${region}, or network.nat one or perZone: without a NAT gateway no other registry is reached`;
  return unreachable.map(({ key, value }) => ({ key, value, expected }));
}

/** The provider of EKS reads secrets of one region (secrets-store-csi-driver-provider-aws, secret_descriptor.go), and a flip changes one key. */
function credentialsProblems(
  { target, imageCredentials: value, ...images }: Pick<Values, "target" | "image" | "variants" | "imageCredentials">,
  region: string,
): Problem[] {
  if (!runsOnAws(target) || value === "none") return [];
  const key = "imageCredentials";
  const isElsewhere = region !== "" && value.split(":")[3] !== region;
  const registries = [...new Set(outsideEcr(images).map(({ registry }) => registry))];
  return [
    ...(isElsewhere ? [{ key, value, expected: `a secret in ${region}, where the replicas run` }] : []),
    ...(registries.length > 1
      ? [
          {
            key,
            value,
            expected: `images in one registry outside ECR: the sign-in would go to ${registries.join(", ")}`,
          },
        ]
      : []),
  ];
}

/** Whose pull needs a sign-in, if their registry is private. */
export const outsideEcr = (images: Pick<Values, "image" | "variants">) =>
  namedImages(images)
    .map(({ value }) => parseImage(value))
    .filter(({ ecr }) => ecr === undefined);
