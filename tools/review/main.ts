import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import type { MonthlyUsd } from "../../components/pricing/stack-cost";
import { flag, help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { evaluateStack } from "../offline";
import { denialsIn, explain } from "../permissions/explain";
import type { Permissions } from "../permissions/statements";
import { deployedStack } from "../stack/deployed";
import { projectFolder, refuseUnknownStack } from "../stack/file";
import { runPulumi } from "../stack/pulumi-run";
import { commentOf, markerOf, type Review } from "./comment";
import { postComment } from "./github";

const usage = `npm run review -- --stack <name> [--out FILE] [--post]

Previews the stack, with the policy pack in policy/ if there is one, and its
settings in policy/config.json. Writes a page in Markdown: what would change,
what it costs a month beside what runs now, and what the policies say. Changes
nothing.
--out   writes the page into a file; otherwise it is printed
--post  in GitHub Actions: writes the page as a comment of the pull request, in
        place of the comment before
Ends with 1 when the preview fails.`;

const limitMs = 30 * 60_000;
const policyFolder = "policy";

async function main(): Promise<void> {
  const {
    stack,
    out,
    post = false,
    help: asks,
  } = optionsOf(process.argv.slice(2), { stack: text, out: text, post: flag, help }, usage);
  if (asks) return console.log(usage);
  if (stack === undefined) throw new UserError(`--stack is missing\n\n${usage}`);
  refuseUnknownStack(stack);
  const review = await reviewOf(stack);
  const page = commentOf(review);
  if (out !== undefined) writeFileSync(out, `${page}\n`);
  else if (!post) console.log(page);
  if (post) await postComment(page, markerOf(stack), process.env);
  if (review.succeeded) return;
  const failed = `The preview of stack ${stack} failed`;
  // The page has the output already.
  if (out === undefined && !post) throw new UserError(`${failed}. Its output is above.`);
  throw new UserError(`${failed}:\n${[...review.advice, review.output.trim()].join("\n")}`);
}

async function reviewOf(stack: string): Promise<Review> {
  const hasPolicies = existsSync(join(projectFolder, policyFolder, "PulumiPolicy.yaml"));
  if (hasPolicies) refuseUnbuiltPack();
  const usual = ["--stack", stack, "--non-interactive", "--color", "never", "--suppress-progress"];
  const pack = hasPolicies ? ["--policy-pack", policyFolder, ...policySettings()] : [];
  const { code, output } = await runPulumi(["preview", ...usual, ...pack], () => {}, AbortSignal.timeout(limitMs));
  return {
    stack,
    succeeded: code === 0,
    output,
    hasPolicies,
    before: (await deployedStack(stack)).outputs.monthlyUsd,
    after: await priceOf(stack),
    advice: adviceOn(output),
  };
}

/** What the team sets for the rules, such as the budget. */
const policySettings = () =>
  existsSync(join(projectFolder, policyFolder, "config.json"))
    ? ["--policy-pack-config", `${policyFolder}/config.json`]
    : [];

/** The engine's own error would not say how to build it. */
function refuseUnbuiltPack(): void {
  const folder = join(projectFolder, policyFolder);
  const { main = "index.ts" }: { main?: string } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (existsSync(join(folder, main)) && existsSync(join(folder, "node_modules"))) return;
  throw new UserError(
    `The policy pack in ${policyFolder}/ is not built. Build it:\n` +
      `  npm ci --ignore-scripts --prefix ${policyFolder} && npm --prefix ${policyFolder} run build`,
  );
}

/** As the program itself estimates it, also where the preview fails. */
async function priceOf(stack: string): Promise<Review["after"]> {
  try {
    const { monthlyUsd } = (await evaluateStack(stack)).outputs;
    return (monthlyUsd as MonthlyUsd | undefined) ?? { unknown: "the stack runs on this machine" };
  } catch (error) {
    if (error instanceof UserError || RunError.isInstance(error)) return { unknown: error.message };
    throw error;
  }
}

function adviceOn(output: string): string[] {
  const file = join(projectFolder, "ci/permissions.json");
  const denials = denialsIn(output);
  if (denials.length === 0 || !existsSync(file)) return [];
  const held = JSON.parse(readFileSync(file, "utf8")) as Permissions;
  return denials.map((denial) => explain(denial, held));
}

run(main);
