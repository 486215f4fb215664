import type { Problem } from "../core/problems";
import { reservedVariables } from "../core/service-spec";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { environmentText, flag, hidden, record, redacted, text } from "./schema";

export const isSecretArn = (value: string) =>
  /^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret:|ssm:[a-z0-9-]+:\d{12}:parameter\/)\S+$/.test(value);

/** What a problem shows of the arn of a secret. */
export const arnShown = (arn: string) => `an arn in ${arn.split(":")[3]}`;

const variableName = { fits: /^[A-Za-z_][A-Za-z0-9_]*$/, expected: "letters, digits and _ in the name of a variable" };
const secretArn = text("the arn of a Secrets Manager secret or an SSM parameter", isSecretArn);

export const environmentKeys = {
  environment: entry({
    schema: record(variableName, environmentText),
    fallback: {},
    text: 'Environment variables of the container, in plain text. Digits that are not a quantity need quotes, such as "0123": without them the engine reads 83.',
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

export const environmentRules = [
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
];

function duplicateProblems({ environment, secrets }: Pick<Values, "environment" | "secrets">): Problem[] {
  const expected = "a name that is not in environment as well";
  return Object.entries(secrets)
    .filter(([name]) => Object.hasOwn(environment, name))
    .map(([name, arn]) => ({ key: `secrets.${name}`, value: arnShown(arn), expected }));
}

function reservedProblems({ environment, secrets }: Pick<Values, "environment" | "secrets">): Problem[] {
  return Object.entries({ environment, secrets }).flatMap(([key, variables]) =>
    Object.entries(variables)
      .filter(([name]) => reservedVariables.includes(name))
      .map(([name, value]) => ({
        key: `${key}.${name}`,
        value: key === "secrets" ? arnShown(value) : name === "API_KEYS" ? hidden(value) : value,
        expected: `no value: only the program sets ${name} (pulumi config rm --path ${key}.${name})`,
      })),
  );
}
