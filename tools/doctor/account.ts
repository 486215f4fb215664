import { awsConnection } from "../../components/aws/connection";
import { referral } from "../../components/aws/fault";
import { providerFor } from "../../components/aws/providers";
import { reasonOf } from "../../components/core/reason";
import { runPreflight } from "../../components/preflight";
import { runningAmong } from "../../components/preflight/running";
import type { Settings } from "../../components/settings";
import type { StateResource } from "../stack/deployed";
import { type Diagnosis, ok, problem, warning } from "./check";
import { inEngine } from "./in-engine";
import { askForQuotas, quotaDiagnosis } from "./quotas";

interface Account {
  readonly settings: Settings;
  readonly config: Readonly<Record<string, string>>;
  /** Of the stack's state; undefined when it could not be read. */
  readonly resources?: readonly StateResource[];
  readonly signal: AbortSignal;
}

export interface AccountDiagnoses {
  readonly preflight: readonly Diagnosis[];
  readonly quotas: readonly Diagnosis[];
}

/** What `pulumi up` checks in the account before it creates anything, by the same code, and the quotas. */
export async function accountDiagnoses(account: Account): Promise<AccountDiagnoses> {
  const { settings, config, resources, signal } = account;
  const { project, stack } = settings;
  const { value, warnings, errors } = await inEngine({ project, stack, config, signal }, async () => {
    const connection = awsConnection(config);
    const provider = providerFor("aws");
    const running = async () => (resources ? runningAmong(resources) : { isKnown: false });
    const [refusal, answers] = await Promise.all([
      runPreflight(settings, connection, { provider, readState: running, asksCluster: true }).then(
        () => undefined,
        reasonOf,
      ),
      askForQuotas(settings, { connection, provider }),
    ]);
    return { refusal, answers };
  });
  const { refusal, answers } = value;
  const passed = ok("pulumi up will refuse nothing that the account decides.");
  return {
    preflight: [
      refusal === undefined ? passed : problem(withCause(refusal, errors)),
      ...warnings.map((text) => warning(text)),
    ],
    quotas: answers.map((answer) => quotaDiagnosis(answer, settings, resources ?? [], errors)),
  };
}

/** pulumi up prints the error of a provider by itself, and the program refers to it. */
const withCause = (refusal: string, errors: readonly string[]) =>
  refusal.endsWith(referral) ? `${refusal.slice(0, -referral.length)}${errors.join("\n")}` : refusal;
