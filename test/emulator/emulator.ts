import { execFile } from "node:child_process";
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

/** Why there is no emulator on this machine, or nothing. */
export function emulatorIsMissing(): string | undefined {
  return existsSync(command) ? undefined : "no AWS emulator: ../shared/tools/aws-emulator is not there";
}

/** An empty AWS account on a port of this machine. */
export class Emulator {
  private constructor(
    private readonly port: number,
    readonly url: string,
  ) {}

  static async start(): Promise<Emulator> {
    const port = await freePort();
    const { stdout } = await run(command, ["start", String(port)], { timeout: startLimitMs });
    return new Emulator(port, stdout.trim().split("\n").pop() ?? "");
  }

  async stop(): Promise<void> {
    await run(command, ["stop", String(this.port)], { timeout: 10_000 });
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
