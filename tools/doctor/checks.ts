import { awsConnection, once } from "../../components/aws/connection";
import { readProject } from "../stack/file";
import { accountDiagnoses } from "./account";
import { type Check, type Diagnosis, notChecked } from "./check";
import { endpointDiagnoses } from "./endpoints";
import { lockDiagnosis } from "./lock";
import { awsCliDiagnosis, buildxDiagnosis, cliDiagnosis, dockerDiagnosis, nodeDiagnosis, runHere } from "./machine";
import { missingPlugins, pluginDiagnosis } from "./plugins";
import { signIn } from "./sign-in";
import type { StackFile } from "./stack-file";
import { readState } from "./state";

/** All checks of a stack, in the order in which they are printed. One that makes no sense after another one's problem prints nothing. */
export function checksOf(file: StackFile, signal: AbortSignal): Check[] {
  const machine = machineChecks(file);
  const backend = backendChecks(file, machine.hasCli);
  return [
    ...machine.checks,
    { name: "stack file", run: async () => [file.diagnosis] },
    ...backend.checks,
    ...(file.settings?.place === "this machine" ? [] : awsChecks(file, { ...machine, ...backend, signal })),
  ];
}

const one = (name: string, diagnosis: () => Promise<Diagnosis>): Check => ({
  name,
  run: async () => [await diagnosis()],
});

function machineChecks({ settings }: StackFile) {
  const cli = once(() => cliDiagnosis(runHere, readProject()));
  const checks = [
    one("node", async () => nodeDiagnosis()),
    one("pulumi", cli),
    one("docker", () => dockerDiagnosis(settings)),
    one("buildx", () => buildxDiagnosis(runHere, settings)),
    one("aws cli", () => awsCliDiagnosis(runHere, settings)),
  ];
  return { checks, hasCli: async () => (await cli()).verdict === "ok" };
}

function backendChecks({ stack, settings }: StackFile, hasCli: () => Promise<boolean>) {
  const state = once(() => readState(stack));
  const missing = once(() => missingPlugins(settings));
  const named = { project: readProject().name, stack };
  const withCli = (run: Check["run"]) => async () => ((await hasCli()) ? run() : []);
  const checks: Check[] = [
    { name: "plugins", run: withCli(async () => [pluginDiagnosis(await missing())]) },
    { name: "state", run: withCli(async () => [(await state()).diagnosis]) },
    { name: "lock", run: withCli(async () => ((await state()).resources ? [await lockDiagnosis(named)] : [])) },
  ];
  return { checks, state, missing };
}

type Known = ReturnType<typeof machineChecks> & ReturnType<typeof backendChecks> & { readonly signal: AbortSignal };

function awsChecks(
  { settings, config }: StackFile,
  { hasCli, state, missing, signal }: Omit<Known, "checks">,
): Check[] {
  if (settings === undefined) return [one("aws", async () => notChecked("The settings of the stack are not known."))];
  const connection = awsConnection(config);
  const endpoints = once(() => endpointDiagnoses(settings, connection));
  const signedIn = once(() => signIn(connection));
  const account = once(async () => {
    if (!(await signedIn()).isSignedIn) return { preflight: [], quotas: [] };
    if (!(await hasCli())) return { preflight: [notChecked("The engine of the Pulumi CLI runs it.")], quotas: [] };
    if ((await missing()).some(({ name }) => name === "aws"))
      return { preflight: [notChecked("The plugin of AWS runs it.", "pulumi install")], quotas: [] };
    return accountDiagnoses({ settings, config, signal, resources: (await state()).resources });
  });
  return [
    one("region", async () => (await endpoints()).region),
    one("clock", async () => (await endpoints()).clock),
    one("account", async () => (await signedIn()).diagnosis),
    { name: "preflight", run: async () => (await account()).preflight },
    { name: "quotas", run: async () => (await account()).quotas },
  ];
}
