import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readMeasurement } from "../../components/pricing";
import { UserError } from "../cli/user-error";
import { projectFolder } from "../stack/file";
import { askPulumi } from "../stack/pulumi-cli";
import { stackSettings } from "../stack/settings";
import type { Arguments } from "./arguments";
import { estimate } from "./estimate";
import { type Progress, ProgressFile, resumable } from "./progress";
import {
  acceptanceStack,
  brokenVersion,
  fileOf,
  newImage,
  refuseInvalid,
  runOf,
  type StackCopy,
  stackCopy,
  writeConfig,
} from "./stack-copy";
import { type Step, story } from "./story";

export interface Prepared {
  readonly progress: Progress;
  readonly copy: StackCopy;
  readonly steps: readonly Step[];
  /** False when the CLI has the stack already. */
  readonly isNew: boolean;
  /** Takes the stack's file away again. */
  readonly discard: () => void;
}

/** Checks everything that can be checked before the first resource. On a refusal no file is left. */
export async function prepare(asked: Arguments, folder: string): Promise<Prepared> {
  const stack = acceptanceStack(asked.stack);
  const known = asked.resume ? resumable(folder, stack) : undefined;
  const run = known?.run ?? randomBytes(4).toString("hex");
  const copy = stackCopy(asked.stack, run);
  const resources = await resourcesOf(stack);
  const owner = ownerOf(stack);
  refuseOthers({ stack, resources, owner, known, earlier: ProgressFile.read(folder) });
  const discard = () => {
    if (owner === undefined) rmSync(fileOf(stack), { force: true });
  };
  writeConfig(stack, copy.config);
  try {
    refuseInvalid(stack);
    const steps = story({ second: newImage(stackSettings(stack), asked.image2), broken: brokenVersion(copy.config) });
    return {
      progress: known ?? (await begun(asked, { stack, run, copy, steps })),
      copy,
      steps,
      isNew: resources === undefined,
      discard,
    };
  } catch (error) {
    discard();
    throw error;
  }
}

/** What there is of the run's stack before it starts. */
export interface Found {
  readonly stack: string;
  /** In its state; undefined when the CLI does not know it. */
  readonly resources?: number;
  /** The run that wrote its file, or "somebody"; undefined without a file. */
  readonly owner?: string;
  /** The run to go on with. */
  readonly known?: Progress;
  /** In acceptance/progress.json. */
  readonly earlier?: Progress;
}

/** Never goes on with a stack that this run did not make. */
export function refuseOthers({ stack, resources = 0, owner, known, earlier }: Found): void {
  const isOther = owner !== undefined && owner !== known?.run;
  if (resources > 0 && known === undefined && earlier?.stack === stack && owner === earlier.run)
    throw new UserError(
      `Stack ${stack} holds ${resources} resources of an earlier run. Go on with it: --resume. Or destroy it: pulumi destroy --stack ${stack}`,
    );
  if (resources > 0 && (known === undefined || isOther))
    throw new UserError(
      `Stack ${stack} holds ${resources} resources that this run did not make. If nobody uses it: pulumi destroy --stack ${stack}, then pulumi stack rm ${stack}`,
    );
  if (owner === somebody)
    throw new UserError(
      `Pulumi.${stack}.yaml exists, and no run of this command wrote it; expected no such file. Rename it`,
    );
}

const somebody = "somebody";
const ownerOf = (stack: string) => (existsSync(fileOf(stack)) ? (runOf(stack) ?? somebody) : undefined);

interface ListedStack {
  readonly name: string;
  readonly resourceCount?: number;
}

/** How many resources the state of a stack holds; undefined for an unknown stack. */
async function resourcesOf(stack: string): Promise<number | undefined> {
  const listed = (await askPulumi(["stack", "ls", "--json"])) as unknown as readonly ListedStack[];
  const found = listed.find(({ name }) => name === stack || name.endsWith(`/${stack}`));
  return found && (found.resourceCount ?? 0);
}

interface Begun {
  readonly stack: string;
  readonly run: string;
  readonly copy: StackCopy;
  readonly steps: readonly Step[];
}

async function begun({ stack: source, perSecond }: Arguments, { stack, run, copy, steps }: Begun): Promise<Progress> {
  const measurement = readMeasurement(projectFolder, source);
  return {
    run,
    stack,
    source,
    region: stackSettings(stack).region,
    startedAt: new Date().toISOString(),
    perSecond,
    versions: await versions(),
    differences: copy.differences,
    estimate: await estimate({ stack, steps, perSecond, measurement }),
    clusters: [],
    steps: [],
  };
}

async function versions(): Promise<Record<string, string>> {
  const { version, dependencies } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const known = Object.entries(dependencies).filter(([name]) => name.startsWith("@pulumi/"));
  const about = (await askPulumi(["about", "--json"])) as { readonly cliAbout?: { readonly version?: string } };
  return {
    project: version,
    pulumi: about.cliAbout?.version ?? "unknown",
    node: process.version,
    ...Object.fromEntries(known),
  };
}
