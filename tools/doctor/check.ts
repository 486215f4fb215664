import { reasonOf } from "../../components/core/reason";
import type { Verdict } from "../check-image/finding";
import { linesOf } from "../check-image/report";
import { width } from "../render/text";

/** A problem would stop `pulumi up`; a warning would not. */
export interface Diagnosis {
  readonly verdict: Verdict;
  readonly text: string;
  /** The command that fixes it. */
  readonly fix?: string;
}

export interface Check {
  readonly name: string;
  readonly run: () => Promise<readonly Diagnosis[]>;
}

export const ok = (text: string): Diagnosis => ({ verdict: "ok", text });
export const problem = (text: string, fix?: string): Diagnosis => ({ verdict: "problem", text, fix });
export const warning = (text: string, fix?: string): Diagnosis => ({ verdict: "warning", text, fix });
export const notChecked = (text: string, fix?: string): Diagnosis => ({ verdict: "not checked", text, fix });

/** What a check finds within the limit. A check that fails itself has checked nothing. */
export async function diagnose({ run }: Check, limitSeconds: number): Promise<readonly Diagnosis[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Diagnosis[]>((resolve) => {
    timer = setTimeout(() => resolve([notChecked(`No answer in ${limitSeconds} s.`)]), limitSeconds * 1000);
  });
  const failed = (error: unknown) => [notChecked(reasonOf(error))];
  return Promise.race([run().catch(failed), late]).finally(() => clearTimeout(timer));
}

/** At most 80 columns; a longer command goes on in the next line as a shell reads it. */
export function linesOfDiagnosis(name: string, { verdict, text, fix }: Diagnosis): string[] {
  const lines = linesOf(name, { verdict, text });
  return fix === undefined ? lines : [...lines, ...commandLines(fix)];
}

const indent = "    ";

function commandLines(command: string): string[] {
  const lines: string[] = [];
  for (const word of command.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && `${indent}${last} ${word} \\`.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines.map((line, index) => `${indent}${line}${index < lines.length - 1 ? " \\" : ""}`);
}
