import { join } from "node:path";
import { ecrAccess } from "../../components/aws/ecr";
import { registryClient, registryUrl } from "../../components/aws/registry-client";
import { parseImage } from "../../components/core/image-reference";
import { flag, help, optionsOf, text } from "../cli/options";
import { run } from "../cli/run";
import { UserError } from "../cli/user-error";
import { type DeployedStack, deployedStack } from "../stack/deployed";
import { projectFolder, readProject, refuseUnknownStack } from "../stack/file";
import { writeStackValue } from "../stack/value";
import { copyImage, type Repository } from "./copy-image";
import { releaseTag } from "./release-tag";
import { repositoryOf, runningImage } from "./stacks";

const usage = `npm run promote -- --from <stack> --to <stack>
npm run promote -- --image <repository@sha256:...> --to <stack>
npm run promote -- ... --copy-only

Copies the image that a stack runs into the repository of another stack, with a
tag release-<date>-<digest> that the lifecycle rules keep, and writes the image
line of Pulumi.<to>.yaml. Then run pulumi up --stack <to>.
--copy-only  leaves the file, for npm run release`;

/** A model's weights may be gigabytes. */
const limitMs = 30 * 60_000;

async function main(): Promise<void> {
  const {
    from,
    to,
    image,
    "copy-only": copyOnly = false,
    help: asks,
  } = optionsOf(process.argv.slice(2), { from: text, to: text, image: text, "copy-only": flag, help }, usage);
  if (asks) return console.log(usage);
  if (to === undefined) throw new UserError(`--to is missing\n\n${usage}`);
  if ((from === undefined) === (image === undefined))
    throw new UserError(`Expected one of --from and --image\n\n${usage}`);
  if (image !== undefined && !/@sha256:[0-9a-f]{64}$/.test(image)) {
    throw new UserError(`--image is ${image}; expected repository@sha256:<64 hex digits>`);
  }
  refuseUnknownStack(to);
  const reference = await promote(to, from, image);
  if (copyOnly) return console.log(`Release it: npm run release -- --stack ${to} --to ${reference}`);
  const file = `Pulumi.${to}.yaml`;
  writeStackValue(join(projectFolder, file), readProject().name, "image", reference);
  console.log(`${file}: image is ${reference}. Deploy it: pulumi up --stack ${to}`);
}

/** Returns the copy. */
async function promote(to: string, from?: string, image?: string): Promise<string> {
  const target = await deployedStack(to);
  const repository = repositoryOf(target);
  const source = from === undefined ? target : await deployedStack(from);
  const reference = image ?? runningImage(source);
  const { digest } = parseImage(reference);
  const tag = releaseTag(digest, new Date());
  const places = [await repositoryAt(reference, source), await repositoryAt(repository, target)] as const;
  const { isNew } = await copyImage(...places, { digest, tag });
  console.log(`${isNew ? "Copied" : "Already there:"} ${reference}\n  to ${repository}:${tag}`);
  return `${repository}@${digest}`;
}

/** ECR with the credentials of the stack; every other registry anonymously. */
async function repositoryAt(reference: string, { connection }: DeployedStack): Promise<Repository> {
  const { registry, repository: name, ecr } = parseImage(reference);
  const access = ecr ? await ecrAccess(connection, ecr) : { url: registryUrl(registry) };
  return { name, send: registryClient(access, AbortSignal.timeout(limitMs)) };
}

run(main);
