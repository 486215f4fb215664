import * as pulumi from "@pulumi/pulumi";
import { type Problem, refusal } from "../components/core/problems";

export interface CiSettings {
  /** owner/name */
  readonly repository: string;
  readonly environments: readonly string[];
  readonly oidcProviderArn?: string;
  readonly permissionsBoundary?: string;
  readonly deploySeconds: number;
  readonly stateBucket?: string;
  readonly stateKeyArn?: string;
}

const isArn = (service: string, resource: string) => (value: string) =>
  new RegExp(`^arn:aws[a-z-]*:${service}:[^:]*:\\d{12}:${resource}`).test(value);

const optional: Readonly<Record<string, { readonly fits: (value: string) => boolean; readonly expected: string }>> = {
  oidcProviderArn: {
    fits: isArn("iam", "oidc-provider/token\\.actions\\.githubusercontent\\.com$"),
    expected: "none or arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com",
  },
  permissionsBoundary: { fits: isArn("iam", "policy/."), expected: "none or the arn of a policy of the account" },
  stateBucket: { fits: (value) => /^[a-z0-9][a-z0-9.-]{2,62}$/.test(value), expected: "none or the name of a bucket" },
  stateKeyArn: { fits: isArn("kms", "key/."), expected: "none or the arn of a KMS key" },
};

/** The keys of the stack. All mistakes are reported together. */
export function ciSettings(config = new pulumi.Config()): CiSettings {
  const repository = config.get("repository") ?? "";
  const environments = config.getObject<string[]>("environments") ?? ["dev", "prod"];
  const deploySeconds = config.getNumber("deploySeconds") ?? 7200;
  const given = Object.fromEntries(
    Object.keys(optional).map((key) => [key, config.get(key) === "none" ? undefined : config.get(key)]),
  );
  const problems: Problem[] = [
    ...(/^[\w-]+\/[\w.-]+$/.test(repository)
      ? []
      : [
          {
            key: "repository",
            value: repository,
            expected: "owner/name: pulumi -C ci config set repository owner/name",
          },
        ]),
    ...(environments.length > 0 && environments.every((name) => /^[\w-]+$/.test(name))
      ? []
      : [{ key: "environments", value: environments, expected: "names of GitHub environments, such as [dev, prod]" }]),
    ...(deploySeconds >= 3600 && deploySeconds <= 43_200
      ? []
      : [{ key: "deploySeconds", value: deploySeconds, expected: "3600 to 43200, the limits of AWS" }]),
    ...Object.entries(optional).flatMap(([key, { fits, expected }]) => {
      const value = given[key];
      return value === undefined || fits(value) ? [] : [{ key, value, expected }];
    }),
  ];
  if (problems.length > 0) throw refusal(`Configuration of stack ${pulumi.getStack()}`, problems);
  return { repository, environments, deploySeconds, ...given };
}
