import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../cli/user-error";
import { knownType } from "./body-file";
import type { RequestTemplate } from "./requests";

/** The photos that ship with the container, as requests to it. */
export function shippedPhotos(folder = join(__dirname, "../../app/photos")): RequestTemplate[] {
  const photos = readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const type = knownType(name);
      if (!type?.startsWith("image/")) return [];
      return [{ method: "POST", path: "/predict", body: { type, bytes: readFileSync(join(folder, name)) } }];
    });
  if (photos.length === 0) throw new UserError(`There is no photo in ${folder}; expected .jpg, .png or .webp`);
  return photos;
}
