import { reasonOf } from "../../components/core/reason";
import type { StateResource } from "../stack/deployed";
import { askPulumi } from "../stack/pulumi-cli";
import { type Diagnosis, notChecked, ok, problem, warning } from "./check";

/** The stack as its backend has it. */
export interface State {
  readonly diagnosis: Diagnosis;
  /** Without those that are pending deletion; undefined when the backend did not answer. */
  readonly resources?: readonly StateResource[];
}

interface Export {
  readonly deployment?: {
    readonly resources?: readonly (StateResource & { readonly delete?: true })[];
    readonly pending_operations?: readonly { readonly type: string; readonly resource: { readonly urn: string } }[];
  };
}

/** Reading a state takes no lock. */
export async function readState(stack: string, ask: typeof askPulumi = askPulumi): Promise<State> {
  try {
    const { deployment = {} } = await ask<Export>(["stack", "export", "--stack", stack]);
    const resources = (deployment.resources ?? []).filter((resource) => !resource.delete);
    return { resources, diagnosis: unfinished(stack, deployment) ?? ok(sizeOf(stack, resources.length)) };
  } catch (error) {
    return fromFailure(stack, reasonOf(error));
  }
}

const sizeOf = (stack: string, count: number) =>
  count === 0 ? `Stack ${stack} is empty.` : `Resources in stack ${stack}: ${count}.`;

/** `pulumi up` only warns of these operations: https://www.pulumi.com/docs/support/troubleshooting/common-issues/interrupted-updates/. */
function unfinished(stack: string, { pending_operations: pending = [] }: NonNullable<Export["deployment"]>) {
  if (pending.length === 0) return undefined;
  const operations = pending.map(({ type, resource: { urn } }) => `${type} ${titleOf(urn)}`);
  return warning(
    `An update was interrupted, and what it did is not known: ${operations.join(", ")}. Look for each in the account, and answer refresh.`,
    `pulumi refresh --stack ${stack}`,
  );
}

/** urn:pulumi:dev::inference::parent$aws:lb/listener:Listener::inference -> aws:lb/listener:Listener inference */
function titleOf(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1)} ${name}`;
}

/** A state that does not exist yet has no resources. */
function fromFailure(stack: string, reason: string): State {
  if (/no stack named/.test(reason))
    return { resources: [], diagnosis: problem(`The backend has no stack ${stack}.`, `pulumi stack init ${stack}`) };
  if (/PULUMI_ACCESS_TOKEN|pulumi login|not logged in/i.test(reason))
    return {
      diagnosis: problem(
        "Not signed in to a backend for the state. Without an account: pulumi login --local",
        "pulumi login",
      ),
    };
  return { diagnosis: notChecked(reason) };
}
