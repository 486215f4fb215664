import * as pulumi from "@pulumi/pulumi";
import type { KeptImage } from "../aws/ecr";
import { type ImageReference, parseImage } from "../core/image-reference";
import { expiringRule } from "../core/lifecycle-rules";
import { reasonOf } from "../core/reason";
import type { Settings } from "../settings";
import { pinnedImages, sidecarImages } from "./images";

type ImageSettings = Pick<Settings, "stack" | "image" | "model" | "sidecars">;

/**
 * Once the repository's rules delete a pinned image, no further task or pod can start. Runs in updates only: a preview does not load
 * the SDK.
 */
export async function warnOfExpiringImages(
  settings: ImageSettings,
  ask: (image: ImageReference) => Promise<KeptImage>,
): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  await Promise.all(
    [...pinnedImages(settings), ...sidecarImages(settings)].map(async ({ key, reference }) => {
      const image = parseImage(reference);
      if (!image.ecr) return;
      try {
        const { tags, rules } = await ask(image);
        const rule = expiringRule(rules, tags);
        if (!rule) return;
        const name = rule.description ?? `priority ${rule.rulePriority}`;
        await pulumi.log.warn(
          `${key} is ${reference}: a rule of its repository deletes it ("${name}"). Copy it: ${copyOf(key, reference, settings)}`,
        );
      } catch (error) {
        await pulumi.log.info(`${key}: could not check whether its repository keeps ${reference}: ${reasonOf(error)}`);
      }
    }),
  );
}

/** The command writes the key `image` only. */
function copyOf(key: string, reference: string, { stack }: ImageSettings): string {
  const command = `npm run promote -- --image ${reference} --to ${stack}`;
  return key === "image" ? command : `${command} --copy-only. Then set ${key} to the copy.`;
}
