import { isDeepStrictEqual } from "node:util";
import { containerOf, usualIdleSeconds } from "../core/container";
import { type Capabilities, type Note, runsOnAws, type Target, targets } from "../targets";
import { isUnlimited } from "./access";
import { listenerNotes } from "./gateway";
import { outsideEcr } from "./image";
import { keys, type Values } from "./keys";
import { targetsInUse } from "./model";
import { volumeNotes } from "./volumes";

interface Told {
  readonly notes: readonly string[];
  /** A warning: access is open, or traffic or money can be lost. */
  readonly warnings: readonly string[];
}

/** What does not apply to the stack, or has a consequence that is easy to miss. Keys that do not apply may stay, so that a flip changes one key. */
export function noteworthy(values: Values, region: string): Told {
  const used = targetsInUse(values);
  const all = [
    ...ownNotes(values),
    ...listenerNotes(values),
    ...volumeNotes(values),
    ...used.filter(({ runsOn }) => runsOn === "aws").flatMap((target) => missing(target, values)),
    ...used.flatMap((target) => target.notes(values, region)),
  ].filter(({ applies }) => applies);
  const texts = (warns: boolean) => all.filter((note) => (note.warns === true) === warns).map(({ text }) => text);
  return { notes: texts(false), warnings: texts(true) };
}

/** The keys that only targets with a capability follow, and what happens on one without. */
function missing({ label, capabilities }: Target, values: Values): Note[] {
  const { schedule, scaling, internalCallers } = values;
  const hasRate = scaling.requestsPerMinutePerReplica !== undefined;
  const keysOf: readonly (readonly [keyof Capabilities, key: string, isSet: boolean, instead: string])[] = [
    ["schedule", "schedule", Object.keys(schedule).length > 0, `on ${label} the replicas keep their usual bounds`],
    ["requestScaling", "scaling.requestsPerMinutePerReplica", hasRate, `${label} scales on CPU and memory`],
    ["internalCallers", "internalCallers", internalCallers.length > 0, `on ${label} it opens no port`],
  ];
  return keysOf.map(([capability, key, isSet, instead]) => {
    const able = targets.filter((target) => target.capabilities[capability]).map((target) => target.label);
    const text = `${key} applies to ${able.join(" and ")} only: ${instead}`;
    return { applies: isSet && !capabilities[capability], text };
  });
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html */
const spotNoticeSeconds = 120;

function containerNotes({ target, container, spot }: Values): Note[] {
  const { user } = containerOf(container);
  return [
    {
      applies: runsOnAws(target) && (user === undefined || user.uid === 0),
      text: "container.user: the container may run as root. Set a number such as 1000 if the image can run as another user",
      warns: true,
    },
    {
      applies:
        spot.spotWeight > 0 && container.idleSeconds + container.stopSeconds > spotNoticeSeconds + usualIdleSeconds,
      text: `spot: AWS takes a replica ${spotNoticeSeconds} s after its notice, so answers that take container.idleSeconds can be lost`,
      warns: true,
    },
  ];
}

function ownNotes(values: Values): Note[] {
  const { target, weights, internalCallers, domain, allowHttp, auth, modelUri, permissions, gateway } = values;
  const modelKeys = (["modelKmsKeyArn", "modelAccess"] as const).filter((name) => values[name] !== keys[name].fallback);
  const evenly = keys.weights.fallback as Values["weights"];
  const isWeighted = Object.entries(weights).some(([name, weight]) => weight !== evenly[name as keyof typeof evenly]);
  return [
    ...imageNotes(values),
    ...modelKeys.map((name) => ({
      applies: modelUri === "bundled",
      text: `${name} is kept and ignored while the model is bundled`,
    })),
    ...containerNotes(values),
    { applies: isWeighted && target !== "both", text: `weights are kept and ignored while target is ${target}` },
    {
      applies: domain !== undefined && allowHttp && gateway === undefined,
      text: "allowHttp is kept and ignored: with a domain, HTTP only redirects to HTTPS",
    },
    {
      applies: auth.jwt !== undefined && !("aud" in auth.jwt.claims),
      text: "auth.jwt.claims has no aud: the load balancer accepts any token of this issuer, also tokens for other services",
      warns: true,
    },
    {
      applies: internalCallers.length > 0 && Object.keys(auth).length > 0,
      text: "internalCallers bypass the load balancer, so auth does not apply to them; only apiKeys does",
      warns: true,
    },
    {
      applies: permissions.some(isUnlimited),
      text: "permissions: the container's code may do everything in this AWS account",
      warns: true,
    },
  ];
}

function imageNotes(values: Values): Note[] {
  const { target, image, build, imageCredentials } = values;
  const isPulled = runsOnAws(target) && outsideEcr(values).length > 0;
  return [
    {
      applies: image !== "build" && !isDeepStrictEqual(build, keys.build.fallback),
      text: "build is kept and ignored: image names an image that exists",
    },
    {
      applies: imageCredentials !== "none" && !isPulled,
      text: `imageCredentials is kept and ignored: ${runsOnAws(target) ? "no image is outside ECR" : "Docker signs in itself"}`,
    },
  ];
}
