import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type RegistryAccess, registryUrl } from "../aws/registry-client";
import { type ImageReference, parseImage } from "../core/image-reference";
import type { Problem } from "../core/problems";
import { reasonOf } from "../core/reason";
import { imageArchitecture } from "../core/service-spec";
import type { Settings } from "../settings";
import { architecturesOf } from "./image-architectures";

type ImageSettings = Pick<Settings, "architecture" | "image" | "model">;

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
  const problems = await Promise.all(
    pinnedImages(settings).map(async ({ key, reference }): Promise<Problem[]> => {
      try {
        const offered = await look(parseImage(reference), opts, limitSeconds);
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
  return problems.flat();
}

/** The stack's own image counts only when a variant runs it. */
export function pinnedImages({ image, model }: Pick<Settings, "image" | "model">): Pinned[] {
  const own = model.variants.flatMap(({ name, image: reference }) =>
    reference === undefined ? [] : [{ key: `variants.${name}.image`, reference }],
  );
  const isUsed = image !== "build" && own.length < model.variants.length;
  return [...(isUsed ? [{ key: "image", reference: image }] : []), ...own];
}

function look(image: ImageReference, opts: pulumi.InvokeOptions, limitSeconds: number): Promise<string[]> {
  const signal = AbortSignal.timeout(limitSeconds * 1000);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`no answer in ${limitSeconds} s`)));
  });
  return Promise.race([accessTo(image, opts).then((access) => architecturesOf(image, access, signal)), late]);
}

async function accessTo({ registry, ecr }: ImageReference, opts: pulumi.InvokeOptions): Promise<RegistryAccess> {
  if (!ecr) return { url: registryUrl(registry) };
  const { userName, password, proxyEndpoint } = await aws.ecr.getAuthorizationToken(
    { registryId: ecr.account, region: ecr.region },
    opts,
  );
  const credentials = Buffer.from(`${userName}:${password}`).toString("base64");
  return { url: proxyEndpoint, authorization: `Basic ${credentials}` };
}
