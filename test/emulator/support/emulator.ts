import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../engine/support/cli";
import { freePort } from "../../support/free-port";
import { onEnd } from "../../support/on-end";
import { clusterVersions } from "./cluster-versions";
import { clientOf, type EmulatorEndpoint, region } from "./endpoint";
import { type Action, EmulatorProxy } from "./proxy";
import { savedQueries } from "./saved-queries";
import { serviceQuotas } from "./service-quotas";

const run = promisify(execFile);

const command = join(projectRoot, "../shared/tools/aws-emulator");

/** Its first start on a machine installs Python packages. */
const startLimitMs = 240_000;

/** Services that the program's resources and its own calls need, by the provider's names. */
const services = [
  ...["acm", "applicationautoscaling", "budgets", "cloudwatch", "ec2", "ecr", "ecs", "eks", "elbv2", "events", "iam"],
  ...[
    "kms",
    "lambda",
    "logs",
    "route53",
    "s3",
    "scheduler",
    "secretsmanager",
    "servicediscovery",
    "servicequotas",
    "sns",
    "ssm",
    "sts",
    "wafv2",
  ],
];

/** Service -> its actions that a tier answers itself. */
export type OwnActions = Readonly<Record<string, Readonly<Record<string, Action>>>>;

/** Endpoint of the clusters that the account creates. */
export interface ClusterAddress {
  readonly server: string;
  readonly authority: Buffer;
}

/** The reason why this machine has no emulator; undefined when it has one. */
export function emulatorIsMissing(): string | undefined {
  return existsSync(command) ? undefined : "no AWS emulator: ../shared/tools/aws-emulator does not exist";
}

/** An empty AWS account on a port of this machine. */
export class Emulator implements EmulatorEndpoint {
  readonly url: string;

  /** A proxy for each service that needs further actions, and one for all others. */
  private readonly proxies: Record<string, EmulatorProxy> = {};

  private constructor(private readonly port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(own: (emulator: Emulator) => Promise<OwnActions>, cluster?: ClusterAddress): Promise<Emulator> {
    const emulator = new Emulator(await freePort());
    emulator.forget = onEnd(emulator.end);
    const address = cluster && {
      MOTOPLUS_EKS_ENDPOINT: cluster.server,
      MOTOPLUS_EKS_CA: cluster.authority.toString("base64"),
    };
    try {
      await run(command, ["start", String(emulator.port)], {
        timeout: startLimitMs,
        env: { ...process.env, ...address },
      });
      emulator.proxies.all = await EmulatorProxy.open(emulator.url);
      const answered = { logs: savedQueries(), eks: clusterVersions(), servicequotas: serviceQuotas() };
      const actions = { ...answered, ...(await own(emulator)) };
      for (const [service, ofService] of Object.entries(actions)) {
        emulator.proxies[service] = await EmulatorProxy.open(emulator.url, ofService);
      }
    } catch (error) {
      emulator.stop();
      const { stderr = "", message } = error as { stderr?: string; message: string };
      throw new Error(`the AWS emulator did not start on port ${emulator.port}: ${stderr.trim() || message}`);
    }
    return emulator;
  }

  readonly stop = (): void => {
    this.forget();
    this.end();
  };

  private forget = (): void => {};

  private readonly end = (): void => {
    for (const proxy of Object.values(this.proxies)) proxy.stop();
    execFileSync(command, ["stop", String(this.port)], { timeout: 10_000 });
  };

  /** Endpoint of an AWS service. */
  urlOf(service: string): string {
    return (this.proxies[service] ?? this.proxies.all)?.url ?? this.url;
  }

  /** The actions that the provider and the program called since this was last read. */
  takeCalls(): string[] {
    const proxies = Object.values(this.proxies);
    const calls = new Set(proxies.flatMap(({ called }) => [...called]));
    for (const { called } of proxies) called.clear();
    return [...calls].sort();
  }

  /** Settings that point the provider and the program's own AWS calls at this account. */
  get configuration(): Record<string, unknown> {
    return {
      "aws:region": region,
      "aws:accessKey": "test",
      "aws:secretKey": "test",
      "aws:skipCredentialsValidation": true,
      "aws:skipMetadataApiCheck": true,
      "aws:s3UsePathStyle": true,
      // The emulator sometimes loses an answer. A refusal is an answer and is not retried.
      "aws:maxRetries": 3,
      "aws:endpoints": [Object.fromEntries(services.map((service) => [service, this.urlOf(service)]))],
    };
  }

  get client() {
    return clientOf(this.url);
  }
}
