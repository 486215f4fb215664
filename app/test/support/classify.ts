import { readFileSync } from "node:fs";
import path from "node:path";

export interface Answer {
  predictions: { class: string }[];
  prediction: number | string | number[];
  model_version: string;
  error: string;
  code: string;
}

/** A shipped photo. */
export const photo = (name: string) => readFileSync(path.join(__dirname, "..", "..", "photos", name));

export async function classify(url: string, picture: Buffer, headers: Record<string, string> = {}) {
  const options = {
    method: "POST",
    headers: { "content-type": "image/jpeg", ...headers },
    body: new Uint8Array(picture),
  };
  const response = await fetch(url, options);
  return { status: response.status, answer: (await response.json()) as Answer };
}
