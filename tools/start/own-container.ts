import { bindsLowPort, type ContainerSettings } from "../../components/core/container";
import type { PresetName } from "../../components/core/presets";
import { type ServiceSpec, serviceSpec } from "../../components/core/service-spec";
import { diagnose } from "../../components/local-service/diagnosis";
import { listenersOf } from "../../components/local-service/docker-cli";
import { guessedPreset, type ImageFacts, provideImage } from "../check-image/image";
import { contextOf, pinCommand } from "../check-image/place";
import { planOf } from "../check-image/plan";
import { UserError } from "../cli/user-error";
import type { OwnContainer } from "./arguments";
import { Docker } from "./docker";
import { flags, hintFor } from "./hint";
import { assertFree, freePortFrom } from "./port";
import { containerReplica } from "./replica";
import { serve } from "./serve";
import type { NotReady } from "./service";

/** Root alone can listen on port 80 of this machine. */
const portForLowPorts = 8080;

/** Runs a container of the user under the limits of a task. */
export async function runOwnContainer(own: OwnContainer, askedPort: number | undefined): Promise<void> {
  const docker = new Docker();
  await assertAnswers(docker);
  if (askedPort !== undefined) await assertFree(askedPort);
  const { settings } = planOf(own.stack, undefined);
  const ofStack = own.stack !== undefined && { image: settings.image, build: settings.build };
  const image = await provideImage(docker, { ...(own.place !== undefined && { place: own.place }), ...ofStack });
  const { spec, preset, changes } = specOf(own, image);
  const port = askedPort ?? (await freePortFrom(bindsLowPort(spec) ? portForLowPorts : spec.port));
  const name = `inference-${process.pid}`;
  const cli = (args: readonly string[]) => docker.output(args);
  const contract = `preset ${preset}, port ${spec.port}, GET ${spec.paths.readiness}`;
  console.log(`Starting ${image.name} with ${spec.cpuUnits / 1024} vCPU and ${spec.memoryMiB} MiB (${contract}) ...`);
  warnOfSecrets(spec);
  const url = `http://127.0.0.1:${port}`;
  await serve({
    spec,
    url,
    replica: containerReplica(spec, image.id, name, port),
    introduce: (seconds) => console.log(introduction({ own: { ...own, changes }, preset, spec, url, image, seconds })),
    hint: async () => hintFor((await listenersOf(cli, name)) ?? [], spec, url),
    explain: async (error) => {
      const lines = await diagnose(cli, name, spec, flags);
      return failure(error, lines, checkCommand(own, preset));
    },
  });
}

async function assertAnswers(docker: Docker): Promise<void> {
  const silence = await docker.silence();
  if (silence === undefined) return;
  const fix = /permission denied/i.test(silence) ? "Join the group docker" : "Start Docker";
  throw new UserError(`Docker cannot be used: ${silence}. ${fix}.`);
}

type Declared = Pick<ImageFacts, "command" | "labels" | "exposedPorts">;

/** The preset of the command, or the stack's, or a guess. A port that the image declares counts more than a preset that the stack does not name. */
export function specOf({ stack, preset, changes: asked }: OwnContainer, image: Declared) {
  const written = planOf(stack, preset);
  const isOfStack = preset === undefined && written.names("preset");
  const { settings } = preset !== undefined || isOfStack ? written : planOf(stack, guessedPreset(image));
  const [port, second] = isOfStack || written.names("port") ? [] : image.exposedPorts;
  const isDeclared = port !== undefined && second === undefined && port !== serviceSpec(settings).port;
  const changes = { ...(isDeclared && { port }), ...asked };
  const container: ContainerSettings = { ...settings.container, ...changes };
  return { preset: container.preset, changes, spec: serviceSpec({ ...settings, place: "this machine", container }) };
}

function warnOfSecrets({ secrets }: Pick<ServiceSpec, "secrets">): void {
  const missing = Object.keys(secrets).filter((variable) => process.env[variable] === undefined);
  if (missing.length === 0) return;
  console.warn(`Not set, because their values are in AWS: ${missing.join(", ")}. A variable of this shell sets one.`);
}

interface Introduction {
  readonly own: OwnContainer;
  readonly preset: PresetName;
  readonly spec: Pick<ServiceSpec, "paths">;
  readonly url: string;
  readonly image: Pick<ImageFacts, "name" | "folder">;
  readonly seconds: number;
}

export function introduction({ own, preset, spec: { paths }, url, image, seconds }: Introduction): string {
  const isChanged = Object.keys(own.changes).length > 0;
  const isInStack = own.stack !== undefined && own.preset === undefined && !isChanged;
  const keys = Object.entries({ preset, ...own.changes }).map(([key, value]) => `${key}: ${value}`);
  return [
    `\n${image.name} is ready: GET ${paths.readiness} answered 200 after ${seconds.toFixed(1)} s.\n`,
    `  URL   ${url}`,
    `  Try   curl ${url}${paths.readiness}`,
    ...(isInStack ? [] : [`  Key   container: {${keys.join(", ")}}`]),
    ...placeLines(own, image),
    `  Next  ${checkCommand(own, preset)}`,
    "        checks what else ECS and EKS need of it",
    ...(isChanged ? checksWithoutKeys : []),
    "\nCtrl-C stops it, after the requests in progress. Its log follows.",
  ].join("\n");
}

/** check-image has no option for either. */
const checksWithoutKeys = [
  "        It looks for the port and for usual paths. It takes both from the key",
  "        above once Pulumi.<stack>.yaml has it, with --stack <stack>.",
];

/** How a stack comes to run it. */
function placeLines({ place, stack }: OwnContainer, { folder }: Introduction["image"]): string[] {
  if (place === undefined) return [];
  if (folder === undefined) return [`  Pin   ${pinCommand(place, stack)}`];
  return [`        build: {context: ${contextOf(folder)}}`];
}

function checkCommand({ place, stack }: OwnContainer, preset: PresetName): string {
  const words = [place, ...(stack === undefined ? [] : ["--stack", stack]), "--preset", preset];
  return `npm run check-image -- ${words.filter((word) => word !== undefined).join(" ")}`;
}

/** The last line may be Docker's own: of a container that it could not create it knows nothing. */
export function failure({ summary, lastLine }: NotReady, lines: readonly string[], check: string): UserError {
  const isShown = lines.some((line) => line.includes(lastLine));
  const all = [...lines.filter((line) => !summary.includes(line)), ...(isShown ? [] : [`last line: ${lastLine}`])].map(
    (line) => `  ${line}`,
  );
  return new UserError([summary, ...all, `To find the keys that it needs: ${check}`].join("\n"));
}
