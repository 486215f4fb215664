import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { reasonOf } from "../../components/core/reason";
import { UserError } from "../cli/user-error";

const types: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
  ".txt": "text/plain",
  ".csv": "text/csv",
  ".wav": "audio/wav",
  ".mp3": "audio/mpeg",
  ".flac": "audio/flac",
  ".pdf": "application/pdf",
  ".npy": "application/octet-stream",
  ".bin": "application/octet-stream",
};

export const knownType = (file: string) => types[extname(file).toLowerCase()];

export function typeOf(file: string, given?: string): string {
  const type = given ?? knownType(file);
  if (type !== undefined) return type;
  throw new UserError(`${file}: its ending has no known type. Add --type, for example --type application/octet-stream`);
}

export function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}
