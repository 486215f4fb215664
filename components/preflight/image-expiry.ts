import * as pulumi from "@pulumi/pulumi";
import type { KeptImage } from "../aws/ecr";
import { type ImageReference, parseImage } from "../core/image-reference";
import { expiringRule } from "../core/lifecycle-rules";
import { reasonOf } from "../core/reason";
import type { Settings } from "../settings";
import { pinnedImages } from "./images";

type ImageSettings = Pick<Settings, "stack" | "image" | "model">;

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
    pinnedImages(settings).map(async ({ key, reference }) => {
      const image = parseImage(reference);
      if (!image.ecr) return;
      try {
        const { tags, rules } = await ask(image);
        const rule = expiringRule(rules, tags);
        if (!rule) return;
        const name = rule.description ?? `priority ${rule.rulePriority}`;
        const copy = `npm run promote -- --image ${reference} --to ${settings.stack}`;
        await pulumi.log.warn(
          `${key} is ${reference}: a rule of its repository deletes it ("${name}"). Copy it: ${copy}`,
        );
      } catch (error) {
        await pulumi.log.info(`${key}: could not check whether its repository keeps ${reference}: ${reasonOf(error)}`);
      }
    }),
  );
}
