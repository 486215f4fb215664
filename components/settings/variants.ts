import {
  awsTargets,
  type BothTargetName,
  bothTargets,
  defaultTarget,
  runsOnAws,
  type TargetName,
  targets,
} from "../targets";
import { entry } from "./entry";
import { isImageReference } from "./image";
import { limitProblems, resolveModel, variantProblems } from "./model";
import { whenValid } from "./rule";
import { integer, object, oneOf, optional, record, text } from "./schema";

/** Where a stack may run: on one target, on two at once, or on the targets that its variants name. */
export type TargetChoice = TargetName | "both" | "variants";
const namesOn = (aws: boolean) => targets.map(({ name }) => name).filter((name) => runsOnAws(name) === aws);
const targetChoices: readonly TargetChoice[] = [...namesOn(true), "both", "variants", ...namesOn(false)];

const weight = integer(0, 100);
const forEach = <T>(value: T) =>
  Object.fromEntries(bothTargets.map(({ name }) => [name, value])) as Record<BothTargetName, T>;
const variantName = {
  // The names of the load balancer's alarms and of the uptime check's mute rules.
  fits: /^(?!(?:load-balancer|outside)$)[a-z]([a-z0-9-]{0,13}[a-z0-9])?$/,
  expected:
    "at most 15 lower-case letters, digits and -, with no - at the end, and not load-balancer or outside: it is the value of the header x-variant and part of names on AWS",
};
const ownImage = text("repository@sha256:<64 hex digits>; with target local also repository:tag", isImageReference);

const endpointCidrs = ["203.0.113.0/24"];

export const variantKeys = {
  target: entry({
    schema: oneOf(targetChoices),
    fallback: defaultTarget.name,
    text: "Where the service runs: `ecs`, `eks`, `both`, `local` (Docker on this machine), or `variants` (those that the key `variants` lists).",
    example: { target: "both", eks: { endpointCidrs } },
    prompt: "Where the service runs (ecs, eks, both or local)",
  }),
  weights: entry({
    schema: object(forEach(weight), forEach(100 / bothTargets.length)),
    text: "How target `both` divides the traffic, in percent. The two sum to 100. Other targets ignore the weights, so a flip changes one key.",
    example: { target: "both", weights: { ecs: 90, eks: 10 }, eks: { endpointCidrs } },
  }),
  variants: entry({
    schema: record(
      variantName,
      object({ target: oneOf(awsTargets.map(({ name }) => name)), weight, image: optional(ownImage) }),
    ),
    fallback: {},
    text: "The variants of target `variants`, by name, for blue/green and A/B deployments on one platform or on two. A variant without an `image` runs the stack's. With target `local` each variant is a container with its own port, from 8080 up.",
    example: {
      target: "variants",
      variants: {
        blue: { target: defaultTarget.name, weight: 90 },
        green: { target: defaultTarget.name, weight: 10, image: `ghcr.io/team/model@sha256:${"0".repeat(64)}` },
      },
    },
  }),
};

export const variantRules = [
  whenValid({
    key: "variants",
    fact: "Target `variants` takes 1 to 5 variants, whose weights sum to 100. Targets `ecs`, `eks` and `both` take none.",
    reads: ["target", "weights", "variants", "gateway"],
    problems: variantProblems,
  }),
  whenValid({
    key: "variants",
    fact: "One load balancer holds at most 100 target groups and 100 listener rules.",
    reads: ["target", "weights", "variants", "auth"],
    problems: (values) => limitProblems([resolveModel(values)], values),
  }),
];
