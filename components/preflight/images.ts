import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type RegistryAccess, registryUrl } from "../aws/registry-client";
import { type ImageReference, parseImage } from "../core/image-reference";
import type { Problem } from "../core/problems";
import { reasonOf } from "../core/reason";
import { parseSignIn, type RegistrySignIn, signInFormat } from "../core/registry-sign-in";
import { imageArchitecture } from "../core/service-spec";
import type { Settings } from "../settings";
import { saysNone } from "./ask";
import { architecturesOf } from "./image-architectures";

type ImageSettings = Pick<Settings, "architecture" | "image" | "imageCredentials" | "model" | "sidecars">;

interface Pinned {
  readonly key: string;
  readonly reference: string;
}

/** Reports pinned images for another architecture than the machines: they would never start. Warns of images that it could not check. */
export async function imageProblems(
  settings: ImageSettings,
  opts: pulumi.InvokeOptions,
  limitSeconds = 10,
): Promise<Problem[]> {
  const { architecture } = settings;
  const wanted = imageArchitecture[architecture];
  const unchecked: string[] = [];
  const images = pinnedImages(settings);
  const { credentials, problems: ofSecret } = await readSignIn(settings, images, opts);
  const ofSidecars = sidecarImages(settings).map((image) => ({ ...image, signIn: undefined }));
  const all = [...images.map((image) => ({ ...image, signIn: credentials })), ...ofSidecars];
  const problems = await Promise.all(
    all.map(async ({ key, reference, signIn }): Promise<Problem[]> => {
      try {
        const image = parseImage(reference);
        const offered = await look(image, accessTo(image, signIn, opts), limitSeconds);
        if (offered.includes(wanted)) return [];
        const expected = `an image for ${wanted}, since architecture is ${architecture}; this one is for ${offered.join(", ")}`;
        return [{ key, value: reference, expected }];
      } catch (error) {
        unchecked.push(`${key} (${reasonOf(error)})`);
        return [];
      }
    }),
  );
  if (unchecked.length > 0)
    await pulumi.log.warn(`Could not check whether these images are built for ${wanted}: ${unchecked.join(", ")}`);
  return [...ofSecret, ...problems.flat()];
}

interface FoundSignIn {
  readonly credentials?: RegistrySignIn;
  readonly problems: readonly Problem[];
}

/** The value is not stored: results of provider functions are not part of the state. */
async function readSignIn(
  { imageCredentials }: ImageSettings,
  images: readonly Pinned[],
  opts: pulumi.InvokeOptions,
): Promise<FoundSignIn> {
  const isUsed = images.some(({ reference }) => parseImage(reference).ecr === undefined);
  if (imageCredentials === "none" || !isUsed) return { problems: [] };
  const problem = (expected: string) => [{ key: "imageCredentials", value: imageCredentials, expected }];
  try {
    const region = imageCredentials.split(":")[3];
    const found = await aws.secretsmanager.getSecretVersion({ secretId: imageCredentials, region }, opts);
    const credentials = parseSignIn(found.secretString);
    return credentials ? { credentials, problems: [] } : { problems: problem(signInFormat) };
  } catch (error) {
    const reason = reasonOf(error);
    if (saysNone(reason)) return { problems: problem("a secret that exists and has a value") };
    await pulumi.log.warn(`imageCredentials: this secret could not be read, so a pull may fail: ${reason}`);
    return { problems: [] };
  }
}

/** They are pulled without imageCredentials, whose registry may be another. */
export const sidecarImages = ({ sidecars }: Pick<Settings, "sidecars">): Pinned[] =>
  Object.entries(sidecars).map(([name, { image }]) => ({ key: `sidecars.${name}.image`, reference: image }));

/** The stack's own image counts only when a variant runs it. */
export function pinnedImages({ image, model }: Pick<Settings, "image" | "model">): Pinned[] {
  const own = model.variants.flatMap(({ name, image: reference }) =>
    reference === undefined ? [] : [{ key: `variants.${name}.image`, reference }],
  );
  const isUsed = image !== "build" && own.length < model.variants.length;
  return [...(isUsed ? [{ key: "image", reference: image }] : []), ...own];
}

function look(image: ImageReference, access: Promise<RegistryAccess>, limitSeconds: number): Promise<string[]> {
  const signal = AbortSignal.timeout(limitSeconds * 1000);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`no answer in ${limitSeconds} s`)));
  });
  return Promise.race([access.then((found) => architecturesOf(image, found, signal)), late]);
}

async function accessTo(
  { registry, ecr }: ImageReference,
  credentials: RegistrySignIn | undefined,
  opts: pulumi.InvokeOptions,
): Promise<RegistryAccess> {
  if (!ecr) return { url: registryUrl(registry), ...(credentials && { credentials }) };
  const { userName, password, proxyEndpoint } = await aws.ecr.getAuthorizationToken(
    { registryId: ecr.account, region: ecr.region },
    opts,
  );
  const encoded = Buffer.from(`${userName}:${password}`).toString("base64");
  return { url: proxyEndpoint, authorization: `Basic ${encoded}` };
}
