interface Fault {
  readonly says: RegExp;
  readonly message: (profile: string, found: string) => string;
}

const profileOption = (profile: string) => (profile ? ` --profile ${profile}` : "");

/**
 * In the words of the Pulumi AWS provider (https://github.com/pulumi/pulumi-aws, provider/errors), of the AWS SDKs for Go and JavaScript
 * and of AWS itself (https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html). The first that fits: an SSO session that was
 * never opened is reported as "no valid credential sources" as well.
 */
const faults: readonly Fault[] = [
  {
    says: /shared config profile, (\S+)|AWS profile "([^"]+)" was not found|using profile: \[([^\]]+)\]/,
    message: (_, name) =>
      `there is no AWS profile ${name}: correct aws:profile or AWS_PROFILE (aws configure list-profiles)`,
  },
  {
    says: /\bSSO\b|ExpiredToken|token included in the request is expired|credentials have expired|login session|Token is expired/,
    message: (profile) => `the AWS sign-in has expired: aws sso login${profileOption(profile)}, or renew the keys`,
  },
  {
    says: /no valid credential sources|no EC2 IMDS role|Could not load credentials/i,
    message: () => "not signed in to AWS: aws sso login, or set AWS_PROFILE",
  },
  {
    says: /token included in the request is invalid|InvalidClientTokenId|SignatureDoesNotMatch|AuthFailure|credentials are invalid|Invalid credentials/,
    message: () => "AWS does not accept the access key of this sign-in: check it with aws sts get-caller-identity",
  },
];

/** How to fix a failed sign-in; undefined for any other failure. */
export function signInFault(reason: string, profile = process.env.AWS_PROFILE ?? ""): string | undefined {
  for (const { says, message } of faults) {
    const [match, ...names] = says.exec(reason) ?? [];
    if (match !== undefined) return message(profile, names.find((name) => name !== undefined) ?? "");
  }
  return undefined;
}

export const referral = "see the provider's own error";

/** Names the identity and the permission that it lacks. The engine prints some provider errors itself and passes on an empty message. */
export function awsReason(reason: string): string {
  const [, who, action] = /(arn:\S+) is not authorized to perform: ([\w:-]+)/.exec(reason) ?? [];
  if (who !== undefined) return `${who} needs the permission ${action}`;
  return reason === "" ? referral : reason;
}
