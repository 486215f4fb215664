import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../engine/support/cli";
import { freePort } from "../../support/free-port";
import { onEnd } from "../../support/on-end";
import { alarmRollback } from "./alarm-rollback";
import { clusterVersions } from "./cluster-versions";
import { EmulatorProxy } from "./proxy";
import { savedQueries } from "./saved-queries";

const run = promisify(execFile);

export const region = "us-east-1";
const command = join(projectRoot, "../shared/tools/aws-emulator");

/** Its first start on a machine installs Python packages. */
const startLimitMs = 240_000;

/** The services that the program's resources and its own questions need, as the provider names them. */
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
    "sns",
    "ssm",
    "sts",
    "wafv2",
  ],
];

/** Where a cluster that the account makes is reached. */
export interface ClusterAddress {
  readonly server: string;
  readonly authority: Buffer;
}

/** Why there is no emulator on this machine, or nothing. */
export function emulatorIsMissing(): string | undefined {
  return existsSync(command) ? undefined : "no AWS emulator: ../shared/tools/aws-emulator is not there";
}

/** An empty AWS account on a port of this machine. */
export class Emulator {
  readonly url: string;

  /** What stands before it: before the services that it completes, and before all others. */
  private readonly proxies: Record<string, EmulatorProxy> = {};

  private constructor(private readonly port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(cluster?: ClusterAddress): Promise<Emulator> {
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
      emulator.proxies.logs = await EmulatorProxy.open(emulator.url, savedQueries());
      emulator.proxies.eks = await EmulatorProxy.open(emulator.url, clusterVersions());
      emulator.proxies.ecs = await EmulatorProxy.open(emulator.url, alarmRollback(emulator));
    } catch (error) {
      emulator.stop();
      const { stderr = "", message } = error as { stderr?: string; message: string };
      throw new Error(`the AWS emulator did not come up on port ${emulator.port}: ${stderr.trim() || message}`);
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

  /** Where a service of AWS is asked. */
  urlOf(service: string): string {
    return (this.proxies[service] ?? this.proxies.all)?.url ?? this.url;
  }

  /** Keys that lead the provider, and the program's own questions, to this account. */
  get configuration(): Record<string, unknown> {
    return {
      "aws:region": region,
      "aws:accessKey": "test",
      "aws:secretKey": "test",
      "aws:skipCredentialsValidation": true,
      "aws:skipMetadataApiCheck": true,
      "aws:s3UsePathStyle": true,
      // An answer of the emulator gets lost now and then; what it refuses is an answer, and not asked again.
      "aws:maxRetries": 3,
      "aws:endpoints": [Object.fromEntries(services.map((service) => [service, this.urlOf(service)]))],
    };
  }

  /** For clients of the AWS SDK. */
  get client() {
    return {
      region,
      endpoint: this.url,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 3,
      // Who has not answered by then has not answered.
      requestHandler: { requestTimeout: 20_000, throwOnRequestTimeout: true },
    };
  }
}
