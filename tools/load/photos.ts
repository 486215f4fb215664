import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { UserError } from "../cli/user-error";
import type { Target } from "./requests";

const types: Readonly<Record<string, string>> = { ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp" };

/** The photos that ship with the container, as bodies of requests. */
export function shippedPhotos(folder = join(__dirname, "../../app/photos")): NonNullable<Target["body"]>[] {
  const photos = readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const type = types[extname(name)];
      return type === undefined ? [] : [{ type, bytes: readFileSync(join(folder, name)) }];
    });
  if (photos.length === 0) throw new UserError(`There is no photo in ${folder}; expected .jpg, .png or .webp`);
  return photos;
}
