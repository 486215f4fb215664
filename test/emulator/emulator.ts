import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../support/engine/cli";
import { freePort } from "../support/free-port";

const run = promisify(execFile);

export const region = "us-east-1";
const command = join(projectRoot, "../shared/tools/aws-emulator");

/** Its first start on a machine installs Python packages. */
const startLimitMs = 240_000;

/** The services that the program's resources and its own questions need, as the provider names them. */
const services = [
  ...["applicationautoscaling", "cloudwatch", "ec2", "ecr", "ecs", "elbv2", "iam", "logs", "s3", "secretsmanager"],
  ...["ssm", "sts"],
];

/** Interrupted, mocha ends without its hooks; what was started would stay. */
const interruptions = ["SIGINT", "SIGTERM"] as const;
const leave = () => process.exit(130);

/** Why there is no emulator on this machine, or nothing. */
export function emulatorIsMissing(): string | undefined {
  return existsSync(command) ? undefined : "no AWS emulator: ../shared/tools/aws-emulator is not there";
}

/** An empty AWS account on a port of this machine. */
export class Emulator {
  readonly url: string;

  private constructor(private readonly port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Emulator> {
    const emulator = new Emulator(await freePort());
    process.once("exit", emulator.stop);
    for (const signal of interruptions) process.once(signal, leave);
    await run(command, ["start", String(emulator.port)], { timeout: startLimitMs });
    return emulator;
  }

  readonly stop = (): void => {
    process.off("exit", this.stop);
    for (const signal of interruptions) process.off(signal, leave);
    execFileSync(command, ["stop", String(this.port)], { timeout: 10_000 });
  };

  /** Keys that lead the provider, and the program's own questions, to this account. */
  get configuration(): Record<string, unknown> {
    return {
      "aws:region": region,
      "aws:accessKey": "test",
      "aws:secretKey": "test",
      "aws:skipCredentialsValidation": true,
      "aws:skipMetadataApiCheck": true,
      "aws:s3UsePathStyle": true,
      // The emulator drops a connection now and then; what it refuses is an answer, and not asked again.
      "aws:maxRetries": 3,
      "aws:endpoints": [Object.fromEntries(services.map((service) => [service, this.url]))],
    };
  }

  /** For clients of the AWS SDK. */
  get client() {
    return {
      region,
      endpoint: this.url,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 2,
    };
  }
}
