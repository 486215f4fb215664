import { parseImage } from "../core/image-reference";
import type { Problem } from "../core/problems";
import { reservedVariables } from "../core/service-spec";
import { runsOnAws } from "../targets";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { environmentText, flag, hidden, record, redacted, text } from "./schema";

export const digestReference = /^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$/;

export const isSecretArn = (value: string) =>
  /^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret:|ssm:[a-z0-9-]+:\d{12}:parameter\/)\S+$/.test(value);

const variableName = { fits: /^[A-Za-z_][A-Za-z0-9_]*$/, expected: "letters, digits and _ in the name of a variable" };
const secretArn = text("the arn of a Secrets Manager secret or an SSM parameter", isSecretArn);

export const containerKeys = {
  image: entry({
    schema: text(
      '"build", or repository@sha256:<64 hex digits>: a tag can move, a digest cannot',
      (value) => value === "build" || digestReference.test(value),
    ),
    fallback: "build",
    text: "The container image. `build` builds `app/`; `repository@sha256:…` runs that image and builds nothing. The container must answer on port 8080; docs/bring-your-container.md has the contract.",
    example: { image: `ghcr.io/team/model@sha256:${"0".repeat(64)}` },
  }),
  environment: entry({
    schema: record(variableName, environmentText),
    fallback: {},
    text: "Environment variables of the container, in plain text.",
    example: { environment: { LOG_LEVEL: "debug" } },
  }),
  secrets: entry({
    schema: redacted(record(variableName, secretArn)),
    fallback: {},
    text: "Environment variables whose values are in AWS: each name with the arn of a Secrets Manager secret or an SSM parameter. The value never passes through Pulumi. If the secret has a KMS key of your own, that key's policy must let the reader decrypt: the execution role on ECS, the pod role on EKS (docs/security.md).",
    example: { secrets: { DATABASE_URL: "arn:aws:secretsmanager:us-east-1:123456789012:secret:database-AbCdEf" } },
  }),
  exec: entry({
    schema: flag,
    fallback: false,
    text: "Allows `aws ecs execute-command` into a running container. The root file system is then writable, and `pulumi up` warns of it.",
    example: { exec: true },
  }),
};

export const containerRules = [
  whenValid({
    key: "environment",
    fact: `The program sets ${reservedVariables.map((name) => `\`${name}\``).join(", ")}. Neither \`environment\` nor \`secrets\` may set them.`,
    reads: ["environment", "secrets"],
    problems: reservedProblems,
  }),
  whenValid({
    key: "secrets",
    fact: "A variable is in `environment` or in `secrets`, not in both.",
    reads: ["environment", "secrets"],
    problems: duplicateProblems,
  }),
  whenValid({
    key: "image",
    fact: "Without a NAT gateway (`network.nat: none`) replicas can only pull from ECR in the stack's region.",
    reads: ["target", "image", "variants", "network"],
    problems: pullProblems,
  }),
];

function duplicateProblems({ environment, secrets }: Pick<Values, "environment" | "secrets">): Problem[] {
  const expected = "a name that is not in environment as well";
  return Object.entries(secrets)
    .filter(([name]) => Object.hasOwn(environment, name))
    .map(([name, value]) => ({ key: `secrets.${name}`, value, expected }));
}

function reservedProblems({ environment, secrets }: Pick<Values, "environment" | "secrets">): Problem[] {
  return Object.entries({ environment, secrets }).flatMap(([key, variables]) =>
    Object.entries(variables)
      .filter(([name]) => reservedVariables.includes(name))
      .map(([name, value]) => ({
        key: `${key}.${name}`,
        value: name === "API_KEYS" ? hidden(value) : value,
        expected: `no value: only the program sets ${name} (pulumi config rm --path ${key}.${name})`,
      })),
  );
}

/** Without a NAT gateway the endpoints of the VPC reach ECR of their own region and no other registry. */
function pullProblems(
  { target, image, variants, network }: Pick<Values, "target" | "image" | "variants" | "network">,
  region: string,
): Problem[] {
  if (!runsOnAws(target) || "vpcId" in network || network.nat !== "none") return [];
  const named = Object.entries(variants).map(([name, variant]) => [`variants.${name}.image`, variant.image] as const);
  const unreachable = [["image", image] as const, ...named].filter(
    ([, value]) => value !== undefined && value !== "build" && parseImage(value).ecr?.region !== region,
  );
  const expected = `an image in ECR of ${region}, or network.nat one or perZone: without a NAT gateway no other registry is reached`;
  return unreachable.map(([key, value]) => ({ key, value, expected }));
}
