import { join } from "node:path";
import { parseImage } from "../../components/core/image-reference";
import { reasonOf } from "../../components/core/reason";
import { imageArchitecture } from "../../components/core/service-spec";
import { architecturesOf } from "../../components/preflight/image-architectures";
import { keys } from "../../components/settings/keys";
import { runsOnAws } from "../../components/targets";
import { UserError } from "../cli/user-error";
import { type Config, projectFolder, readProject, refuseUnknownStack, stackConfig } from "../stack/file";
import { writeStackValue } from "../stack/value";
import { accessAsReplica } from "./access";
import { digestOf, pinned, signInHint } from "./resolve";

interface Place {
  readonly stack?: string;
  readonly variant?: string;
}

const limitMs = 30_000;

/** Finds the digest of a tag and writes it into the stack file; without a stack it only prints the line. */
export async function pinImage(tagged: string, { stack, variant }: Place): Promise<void> {
  if (stack !== undefined) refuseUnknownStack(stack);
  const config = stack === undefined ? {} : stackConfig(stack);
  const { reference, architectures } = await resolved(tagged, config);
  if (stack !== undefined) refuseOtherMachines(tagged, architectures, config, stack);
  const key = variant === undefined ? "image" : `variants.${variant}.image`;
  console.log(`${key}: ${reference}`);
  console.log(`${tagged} is built for ${architectures.join(", ")}`);
  if (stack === undefined) return;
  const file = `Pulumi.${stack}.yaml`;
  writeStackValue(join(projectFolder, file), readProject().name, key, reference);
  console.log(`${file} has the line. Deploy it: pulumi up --stack ${stack}`);
}

async function resolved(tagged: string, config: Config) {
  const image = parseImage(tagged);
  const signal = AbortSignal.timeout(limitMs);
  try {
    const access = await accessAsReplica(image, config);
    const digest = await digestOf(tagged, access, signal);
    const reference = pinned(tagged, digest);
    return { reference, architectures: await architecturesOf(parseImage(reference), access, signal) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = reasonOf((error as Error).cause ?? error);
    const hint = /answered 40[13]|requires credentials/.test(reason) ? `. Sign in: ${signInHint(image)}` : "";
    throw new UserError(`Could not read ${tagged} from its registry: ${reason}${hint}`);
  }
}

/** A replica of another architecture would never start. Docker on this machine says so itself. */
function refuseOtherMachines(tagged: string, offered: readonly string[], config: Config, stack: string): void {
  const given = (name: "architecture" | "target") => config[`${readProject().name}:${name}`] ?? keys[name].fallback;
  const target = keys.target.schema.read(given("target"), "target", []);
  const architecture = keys.architecture.schema.read(given("architecture"), "architecture", []);
  if (target === undefined || architecture === undefined || !runsOnAws(target)) return;
  const wanted = imageArchitecture[architecture];
  if (offered.includes(wanted)) return;
  throw new UserError(
    `${tagged} is built for ${offered.join(", ")}; expected ${wanted}, since architecture is ${architecture} in Pulumi.${stack}.yaml`,
  );
}
