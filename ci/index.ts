import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { rootName } from "../components/core/short-name";
import type { Permissions } from "../tools/permissions/statements";
import { policyDocuments, stateStatements, trustPolicy } from "./policies";
import { ciSettings } from "./settings";

const json = <T>(file: string) => JSON.parse(readFileSync(join(__dirname, file), "utf8")) as T;
const project = parse(readFileSync(join(__dirname, "../Pulumi.yaml"), "utf8")) as { name: string };

/** Not below the prefix of the service's own roles: the deploy role may change those. */
const name = `ci-${rootName(project.name)}`;
const settings = ciSettings();
const { repository, environments, deploySeconds, permissionsBoundary } = settings;
const permissions = json<Permissions>("permissions.json");
const further = json<Permissions["deploy"]>("statements.json");

interface CiRole {
  readonly subjects: readonly string[];
  readonly statements: Parameters<typeof policyDocuments>[0];
  readonly seconds: number;
}

function createRole(role: string, { subjects, statements, seconds }: CiRole, provider: pulumi.Output<string>) {
  const account = aws.getCallerIdentityOutput({}).accountId;
  const created = new aws.iam.Role(role, {
    name: role,
    description: `GitHub Actions of ${repository}`,
    assumeRolePolicy: provider.apply((arn) => trustPolicy(arn, subjects)),
    maxSessionDuration: seconds,
    permissionsBoundary,
  });
  // The account has as many digits as this one, and decides nothing else about the number of policies.
  policyDocuments(statements, "123456789012").forEach((_, index) => {
    const policyName = `${role}-${index + 1}`;
    const policy = account.apply((id) => policyDocuments(statements, id)[index] ?? "");
    const { arn } = new aws.iam.Policy(policyName, { name: policyName, policy });
    new aws.iam.RolePolicyAttachment(policyName, { role: created.name, policyArn: arn });
  });
  return created.arn;
}

const provider =
  settings.oidcProviderArn === undefined
    ? // AWS checks GitHub's certificate by itself: no thumbprint is needed.
      new aws.iam.OpenIdConnectProvider("github", {
        url: "https://token.actions.githubusercontent.com",
        clientIdLists: ["sts.amazonaws.com"],
      }).arn
    : pulumi.output(settings.oidcProviderArn);

const preview: CiRole = {
  subjects: [`repo:${repository}:pull_request`],
  statements: [...permissions.preview, ...stateStatements(settings, "read")],
  // The shortest that AWS allows.
  seconds: 3600,
};
const deploy: CiRole = {
  subjects: environments.map((environment) => `repo:${repository}:environment:${environment}`),
  statements: [...permissions.deploy, ...further, ...stateStatements(settings, "write")],
  seconds: deploySeconds,
};

/** Also for the key `eks.deployerArns` of a stack whose cluster somebody else created. */
export const previewRoleArn = createRole(`${name}-preview`, preview, provider);
export const deployRoleArn = createRole(`${name}-deploy`, deploy, provider);
