import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findCli } from "../support/engine/cli";
import { Lab } from "../support/engine/lab";
import { buildStandIns } from "../support/engine/standins";
import { Emulator, emulatorIsMissing } from "./emulator";

/** The only providers that are stood in for: awsx makes its children with the real aws provider. */
const standIns = { awsx: "awsx", "docker-build": "docker-build-pushing", eks: "eks", kubernetes: "kubernetes" };

/** A load balancer takes a minute to create, a slow machine four times as long as a fast one. */
const commandLimitMs = 420_000;

export interface Scene {
  readonly lab: Lab;
  readonly aws: Emulator;
  /** A stack like `like`, with the given keys on top. */
  createStack(stack: string, like: "dev" | "prod", keys?: Record<string, unknown>): Promise<void>;
}

const cli = findCli();

/** The folder of the real provider, or why this tier cannot run. */
function requirements(): { environment: NodeJS.ProcessEnv; provider: string } | { missing: string } {
  if (!cli.found) return { missing: cli.reason };
  const provider = cli.environment.PULUMI_AWS_PLUGIN_DIR ?? "";
  if (!existsSync(join(provider, "pulumi-resource-aws"))) {
    return { missing: "no AWS provider: PULUMI_AWS_PLUGIN_DIR names no folder with pulumi-resource-aws" };
  }
  const missing = emulatorIsMissing();
  return missing === undefined ? { environment: cli.environment, provider } : { missing };
}

async function openScene({ environment, provider }: { environment: NodeJS.ProcessEnv; provider: string }, bin: string) {
  const aws = await Emulator.start();
  const lab = await Lab.open({
    environment: {
      ...environment,
      PATH: [provider, environment.PATH].join(delimiter),
      STANDIN_REGISTRY: aws.url,
    },
    bin,
    aws: aws.configuration,
    commandLimitMs,
  });
  const createStack: Scene["createStack"] = async (stack, like, keys = {}) => {
    if (stack !== like) cpSync(join(lab.project, `Pulumi.${like}.yaml`), join(lab.project, `Pulumi.${stack}.yaml`));
    await lab.createStack(stack, keys);
  };
  return { lab, aws, createStack };
}

/** One emulator and one copy of the project for a whole suite, whose cases build on each other. */
export function describeOnEmulator(title: string, body: (scene: () => Scene) => void): void {
  const found = requirements();
  if ("missing" in found) {
    const none = () => {
      throw new Error(found.missing);
    };
    describe.skip(`${title} [skipped: ${found.missing}]`, () => body(none));
    return;
  }
  describe(title, function () {
    this.timeout(commandLimitMs + 60_000);
    let scene: Scene | undefined;
    const folder = mkdtempSync(join(tmpdir(), "emulator-"));
    before(async () => {
      scene = await openScene(found, buildStandIns(folder, standIns));
    });
    after(() => {
      scene?.lab.close();
      scene?.aws.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    body(() => {
      if (scene === undefined) throw new Error("the emulator has not started");
      return scene;
    });
  });
}
