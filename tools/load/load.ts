import { openPath } from "../../components/core/container";
import { reasonOf } from "../../components/core/reason";
import { serviceSpec } from "../../components/core/service-spec";
import { UserError } from "../cli/user-error";
import { type DeployedStack, deployedStack, ecsServices, urlOf } from "../stack/deployed";
import type { AskedLoad } from "./arguments";
import { sendFirst } from "./first-request";
import { introduced, type Lane, variantLanes } from "./lanes";
import { measure } from "./measure";
import { refuseForeign } from "./ownership";
import type { Measured, Recording, Replica } from "./recording";
import { replicaReader } from "./replica-reader";
import { ReplicaWatch } from "./replicas";
import { requestTemplates, sentOf } from "./request-template";

/** Sends the load and watches the replicas at the same time. `signal` ends a load at a constant rate early. */
export async function load(asked: AskedLoad, signal?: AbortSignal): Promise<Recording> {
  const { stack, perSecond, seconds, p99LimitMs, request } = asked;
  const templates = await requestTemplates(request);
  const deployed = stack === undefined ? undefined : await deployedStack(stack);
  const stackUrl = deployed && urlOf(deployed);
  const url = withSlash(asked.url ?? new URL(stackUrl ?? ""));
  refuseForeign(url, stackUrl, asked.owned);
  const lanes = lanesOf(asked, deployed);
  const healthPath = stack === undefined ? ownHealthPath : await openPathOf(stack);
  const answering = await Promise.all(lanes.map((lane) => introduced(lane, url, healthPath)));
  if (answering.every(({ health }) => health === 0)) throw new UserError(`${url.host} does not answer`);
  const answerBytes = await sendFirst(lanes, url, templates);
  const startedAt = new Date().toISOString();
  const watched = await watch(lanes, deployed);
  const results = await measure({ url, lanes, templates, perSecond, seconds, p99LimitMs, signal });
  const measured = await Promise.all(
    lanes.map(async ({ name, target }, index): Promise<Measured> => {
      const replicas = await watched.get(name)?.end().catch(unseen(name));
      return { name, target, health: 0, steps: [], ...answering[index], ...results[index], replicas };
    }),
  );
  return {
    url: url.href,
    stack,
    startedAt,
    p99LimitMs,
    healthPath,
    sent: sentOf(templates, answerBytes),
    lanes: measured,
  };
}

const ownHealthPath = "/health";

/** The path of the stack's container that the load balancer leaves open to everyone. */
async function openPathOf(stack: string): Promise<string> {
  // The program takes seconds to load, and a URL does not need it.
  const { stackSettings } = await import("../stack/settings");
  try {
    return openPath(serviceSpec(stackSettings(stack)));
  } catch {
    // Encrypted values of a stack file cannot be read here, and a load does not need them.
    return ownHealthPath;
  }
}

/** Paths are appended to it. */
const withSlash = (url: URL) => new URL(url.pathname.endsWith("/") ? url.href : `${url.href}/`);

function lanesOf({ variants, headers }: Pick<AskedLoad, "variants" | "headers">, deployed?: DeployedStack): Lane[] {
  const known = deployed
    ? variantLanes(deployed)
    : (variants ?? []).map((name) => ({ name, headers: { "x-variant": name } }));
  const names = variants ?? known.map(({ name }) => name);
  const chosen = names.map((name) => {
    const lane = known.find((one) => one.name === name);
    if (lane) return lane;
    throw new UserError(`--variants has ${name}; expected ${known.map((one) => one.name).join(", ")}`);
  });
  const lanes: Lane[] = chosen.length > 0 ? chosen : [{ name: "public", headers: {} }];
  return lanes.map((lane) => ({ ...lane, headers: { ...headers, ...lane.headers } }));
}

type Watched = ReadonlyMap<string, ReplicaWatch>;

async function watch(lanes: readonly Lane[], deployed: DeployedStack | undefined): Promise<Watched> {
  if (deployed === undefined) return new Map();
  const reader = await replicaReader(deployed.connection, ecsServices(deployed));
  return new Map(
    lanes.flatMap(({ name, targetGroupArn }) =>
      targetGroupArn === undefined ? [] : [[name, new ReplicaWatch(name, targetGroupArn, reader)]],
    ),
  );
}

/** The measurements stay valid when the replicas could not be read. */
const unseen =
  (variant: string) =>
  (error: unknown): Replica[] | undefined => {
    console.error(`Could not read the replicas of ${variant}: ${reasonOf(error)}`);
    return undefined;
  };
