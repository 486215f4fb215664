import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { dockerfileOf } from "../../components/core/build";
import type { Settings } from "../../components/settings";
import { awsTargets, runsOnAws } from "../../components/targets";
import { UserError } from "../cli/user-error";
import { type Config, holdsEncrypted, namespaced, projectFolder, readProject, refuseUnknownStack } from "../stack/file";
import { stackSettings } from "../stack/settings";
import { configIn, readYaml } from "../stack/yaml-file";

/** On every resource that the AWS provider creates. */
export const runTag = "inference-acceptance";

/** Keys that would reach callers, owners or schedules of the stack that serves, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  domain: "the name belongs to the stack that serves",
  auth: "it needs the domain, and the load cannot sign in",
  apiKeys: "they need the domain",
  notifications: "the run would page people",
  schedule: "a window could have 0 replicas",
  variants: "the run has variants of its own",
  weights: "the run divides the traffic itself",
};

/** The configuration that all steps share. */
export interface StackCopy {
  readonly config: Config;
  /** What differs from the stack file, a sentence each. */
  readonly differences: readonly string[];
}

export const acceptanceStack = (stack: string) => `${stack}-acceptance`;
export const fileOf = (stack: string) => join(projectFolder, `Pulumi.${stack}.yaml`);
export const ownKey = (key: string) => `${readProject().name}:${key}`;

/** The stack file's keys for the run's own stack. Refuses what cannot be copied without a part in the stack that serves. */
export function stackCopy(stack: string, run: string): StackCopy {
  refuseUnknownStack(stack);
  return copyOf(stack, configIn(fileOf(stack)), run);
}

export function copyOf(stack: string, keys: Config, run: string): StackCopy {
  const given = namespaced(keys, readProject().name);
  refuseUncopied(stack, given);
  const names = Object.keys(leftOut).filter((key) => ownKey(key) in given);
  const kept = Object.entries(given).filter(([key]) => !names.some((name) => ownKey(name) === key));
  const tags = (given["aws:defaultTags"] as { readonly tags?: object } | undefined)?.tags;
  const isProtected = given[ownKey("protect")] === true || given[ownKey("protect")] === "true";
  return {
    config: {
      ...Object.fromEntries(kept),
      "aws:defaultTags": { tags: { ...tags, [runTag]: run } },
      ...(isProtected && { [ownKey("protect")]: false }),
    },
    differences: [
      ...names.map((name) => `${name} is left out: ${leftOut[name]}.`),
      ...(isProtected ? ["protect is false: the run destroys its stack."] : []),
      ...(hasPermissions(given)
        ? ["permissions are shared: the run's containers may do the same in the account."]
        : []),
      `Every resource has the tag ${runTag}.`,
    ],
  };
}

function refuseUncopied(stack: string, config: Config): void {
  const file = `Pulumi.${stack}.yaml`;
  const encrypted = Object.keys(config).filter((key) => holdsEncrypted(config[key]));
  if (encrypted.length > 0)
    throw new UserError(
      `${file} has encrypted values, which belong to that stack: ${encrypted.join(", ")}. Use a stack file without them`,
    );
  const target = config[ownKey("target")];
  if (target !== undefined && !runsOnAws(String(target)))
    throw new UserError(`${file}: target is ${target}; expected a stack on AWS, such as dev`);
  refuseWritable(file, config[ownKey("volumes")]);
  if (config[ownKey("gateway")] !== undefined)
    throw new UserError(
      `${file}: gateway names a listener that serves; expected none. Use a stack file whose stack has a load balancer of its own`,
    );
}

function refuseWritable(file: string, given: unknown): void {
  // A value that `pulumi config set` wrote without --path is JSON in a string.
  const volumes = typeof given === "string" ? parse(given) : given;
  const writable = Object.entries(Object(volumes) as Record<string, { readonly readOnly?: unknown } | null>)
    .filter(([, volume]) => volume?.readOnly === false)
    .map(([name]) => name);
  if (writable.length > 0)
    throw new UserError(
      `${file}: the run would write to volumes of the stack that serves: ${writable.join(", ")}; expected readOnly: true. Use a stack file without them`,
    );
}

const hasPermissions = (given: Config) =>
  !["undefined", "[]"].includes(String(JSON.stringify(given[ownKey("permissions")])));

type Version = Pick<Settings, "image" | "build" | "stack">;

/** The keys of the second version. */
export function newImage({ image, build, stack }: Version, image2: string | undefined): Config {
  if (image2 !== undefined) {
    if (image2 !== image) return { [ownKey("image")]: image2 };
    throw new UserError("--image2 is the image of the stack file; expected another one");
  }
  if (image !== "build")
    throw new UserError(
      `--image2 is missing: Pulumi.${stack}.yaml names an image, so nothing is built. Give a second one: --image2 repository@sha256:...`,
    );
  const dockerfile = dockerfileOf(build);
  // Without the argument the second build would have the same digest, and nothing would roll out.
  if (!existsSync(dockerfile) || !/^\s*ARG\s+VERSION\b/im.test(readFileSync(dockerfile, "utf8")))
    throw new UserError(
      `${dockerfile} has no ARG VERSION, so a build with another version has the same digest. Give a second image: --image2 repository@sha256:...`,
    );
  return { [ownKey("build")]: { ...build, args: { ...build.args, VERSION: "acceptance-2" } } };
}

/** A program that no image has: the container cannot start, on either platform. */
export function brokenVersion(config: Config): Config {
  const container = config[ownKey("container")];
  return { [ownKey("container")]: { ...(container as object | undefined), command: ["/acceptance/no-such-program"] } };
}

/** All problems of all steps, before the first resource. */
export function refuseInvalid(stack: string): void {
  for (const target of [...awsTargets.map(({ name }) => name), "both"]) stackSettings(stack, { target });
}

/** Keeps what the CLI wrote beside the keys, such as the salt of the passphrase. */
export function writeConfig(stack: string, config: Config): void {
  const path = fileOf(stack);
  const written = existsSync(path) ? readYaml(path) : {};
  writeFileSync(path, stringify({ ...written, config }, { lineWidth: 0 }));
}

/** Whose run the file belongs to; undefined for a file that no run wrote. */
export function runOf(stack: string): string | undefined {
  const tags = configIn(fileOf(stack))["aws:defaultTags"] as { tags?: Record<string, unknown> } | undefined;
  const run = tags?.tags?.[runTag];
  return typeof run === "string" ? run : undefined;
}
