import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Acceptances } from "../../components/core/image-scan";
import { npmJson } from "../cli/npm";
import { help, optionsOf } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { projectFolder } from "../stack/file";
import { auditProblems, isReport, isSignatures, reasonIn, signatureProblems } from "./report";

const usage = `npm run audit

Asks the package registry about the packages of the program and of the image.
Fails at a vulnerability of severity high or critical in what is not a
development tool, and at an installed package whose signature is missing or does
not fit. npm takes the keys from tuf-repo-cdn.sigstore.dev. A server that does
not answer is reported, and fails nothing. tools/audit/accepted.json lets an
advisory pass until a day: {"GHSA-…": {"until": "2027-01-31", "why": "…"}}.`;

/** The program, and what is in the image. */
const folders = [".", "app"];

run(async () => {
  if (optionsOf(process.argv.slice(2), { help }, usage).help) return console.log(usage);
  const accepted = JSON.parse(readFileSync(join(__dirname, "accepted.json"), "utf8")) as Acceptances;
  const problems = folders.flatMap((folder) => [
    ...audited(folder, accepted).map((problem) => `  ${folder}: ${problem}`),
    ...verified(folder).map((problem) => `  ${folder}: ${problem}`),
  ]);
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  throw new UserError(
    [`Audit: ${count}. Update the package, or accept an advisory in tools/audit/accepted.json`, ...problems].join("\n"),
  );
});

function audited(folder: string, accepted: Acceptances): string[] {
  const answer = npmJson(folder, "audit", "--omit=dev");
  if (!isReport(answer)) return unanswered(`${folder}: the vulnerabilities of its packages were not checked`, answer);
  const found = auditProblems(answer, accepted, new Date());
  console.log(`${folder}: ${Object.keys(answer.vulnerabilities).length} packages with known vulnerabilities`);
  return found;
}

function verified(folder: string): string[] {
  const unchecked = `${folder}: the signatures of its packages were not checked`;
  if (!existsSync(join(projectFolder, folder, "node_modules")))
    return unanswered(unchecked, { message: `they are not installed. Run npm ci --ignore-scripts --prefix ${folder}` });
  const answer = npmJson(folder, "audit", "signatures");
  if (!isSignatures(answer)) return unanswered(unchecked, answer);
  console.log(
    `${folder}: ${answer.missing.length} packages without a signature, ${answer.invalid.length} with a wrong one`,
  );
  return signatureProblems(answer);
}

function unanswered(what: string, answer: unknown): string[] {
  console.log(`${what}: ${reasonIn(answer)}`);
  return [];
}
