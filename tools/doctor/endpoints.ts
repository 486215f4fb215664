import type { AwsConnection } from "../../components/aws/connection";
import { reasonOf } from "../../components/core/reason";
import type { Settings } from "../../components/settings";
import { targetsInUse } from "../../components/settings/model";
import { type Diagnosis, notChecked, ok, problem } from "./check";

/** Returns when the service says it is; rejects when it cannot be reached. */
export type Reach = (url: string) => Promise<Date | undefined>;

const limitMs = 10_000;

/** Any status is an answer: the request is not signed. */
export const reachHere: Reach = async (url) => {
  const { headers } = await fetch(url, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(limitMs) });
  const date = headers.get("date");
  return date === null ? undefined : new Date(date);
};

interface Service {
  readonly title: string;
  /** As the provider's `endpoints` name it. */
  readonly key: string;
  readonly host: string;
}

/** https://docs.aws.amazon.com/general/latest/gr/rande.html */
function servicesOf(settings: Pick<Settings, "target" | "variants">): Service[] {
  const ofTargets = targetsInUse(settings).map(({ name }) => ({ title: name.toUpperCase(), key: name, host: name }));
  return [
    { title: "ECR", key: "ecr", host: "api.ecr" },
    { title: "load balancing", key: "elbv2", host: "elasticloadbalancing" },
    ...ofTargets,
  ];
}

interface Answers {
  readonly region: Diagnosis;
  readonly clock: Diagnosis;
}

/** Whether the services of the stack answer in its region, and whether this machine's clock agrees with theirs. Needs no account. */
export async function endpointDiagnoses(
  settings: Pick<Settings, "target" | "variants" | "region">,
  { endpoints }: Pick<AwsConnection, "endpoints">,
  reach: Reach = reachHere,
  now: () => number = Date.now,
): Promise<Answers> {
  const { region } = settings;
  const services = servicesOf(settings);
  const answers = await Promise.all(
    services.map(async ({ title, key, host }) => {
      const url = endpoints[key] ?? `https://${host}.${region}.amazonaws.com`;
      const found = await reach(url).then(
        (date) => ({ date }),
        (error: unknown) => ({ silence: `${title} (${reasonOf(error)})` }),
      );
      return { ...found, askedAt: now() };
    }),
  );
  const silences = answers.flatMap((answer) => ("silence" in answer ? [answer.silence] : []));
  const dated = answers.flatMap((answer) =>
    "date" in answer && answer.date ? [{ ...answer, date: answer.date }] : [],
  );
  return { region: regionDiagnosis(region, services, silences), clock: clockDiagnosis(dated[0]) };
}

function regionDiagnosis(region: string, services: readonly Service[], silences: readonly string[]): Diagnosis {
  const titles = services.map(({ title }) => title).join(", ");
  const [first] = silences;
  if (first === undefined) return ok(`${region}: ${titles} answer.`);
  // One that answers proves the network.
  const silent = silences.length === services.length ? `any service, the first is ${first}` : silences.join(", ");
  return problem(`No answer in ${region} from ${silent}. Check the network, and aws:region.`);
}

/** AWS refuses a signature that is older or younger: https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html. */
const toleratedSeconds = 300;

function clockDiagnosis(answer: { readonly date: Date; readonly askedAt: number } | undefined): Diagnosis {
  if (answer === undefined) return notChecked("AWS did not answer.");
  const seconds = Math.round((answer.askedAt - answer.date.getTime()) / 1000);
  const difference = `${Math.abs(seconds)} s ${seconds < 0 ? "behind" : "ahead of"} AWS`;
  if (Math.abs(seconds) < toleratedSeconds) return ok(Math.abs(seconds) < 2 ? "It agrees with AWS." : `${difference}.`);
  return problem(
    `The clock is ${difference}: AWS refuses requests from ${toleratedSeconds} s on.`,
    "sudo timedatectl set-ntp true",
  );
}
