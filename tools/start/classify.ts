import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { UserError } from "../cli/user-error";

export interface Answer {
  model: string;
  model_version: string;
  predictions: { class: string; confidence: number }[];
}

const limitSeconds = 30;

/** Sends a photo like the printed curl command. */
export async function classify(url: string, photo: string): Promise<Answer> {
  const form = new FormData();
  const bytes = await readFile(photo).catch((error: Error) => {
    throw new UserError(`The sample photo cannot be read: ${error.message}`);
  });
  form.append("file", new Blob([bytes]), basename(photo));
  const signal = AbortSignal.timeout(limitSeconds * 1000);
  const response = await fetch(`${url}/predict?top=3`, { method: "POST", body: form, signal }).catch((error: Error) => {
    throw new UserError(`POST ${url}/predict was not answered within ${limitSeconds} s: ${error.message}`);
  });
  if (response.ok) return (await response.json()) as Answer;
  throw new UserError(`POST ${url}/predict answered ${response.status}: ${await response.text()}`);
}
