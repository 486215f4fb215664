import assert from "node:assert/strict";
import { awsReason, signInFault } from "../../../../components/aws/fault";

describe("signInFault", () => {
  const none = "not signed in to AWS: aws sso login, or set AWS_PROFILE";
  const expired = "the AWS sign-in has expired: aws sso login --profile team, or renew the keys";
  const refused = "AWS does not accept the access key of this sign-in: check it with aws sts get-caller-identity";
  const noProfile = "there is no AWS profile tema: correct aws:profile or AWS_PROFILE (aws configure list-profiles)";
  const reasons: [string, string][] = [
    [
      "No valid credential sources found: Please see https://registry…\n\nError: failed to refresh cached credentials, no EC2 IMDS role found",
      none,
    ],
    ["No valid credential sources found.\nPlease see https://www.pulumi.com/registry/…", none],
    ["Could not load credentials from any providers", none],
    [
      "No valid credential sources found: …\n\nError: failed to refresh cached credentials, failed to read cached SSO token file, open a.json: no such file or directory",
      expired,
    ],
    ["Failed to refresh cached SSO credentials.\nPlease refresh SSO login.", expired],
    ["api error ExpiredToken: The security token included in the request is expired", expired],
    ["The configured AWS credentials have expired.", expired],
    ['The AWS login session for profile "team" has expired or was not found.', expired],
    ["Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.", expired],
    ["failed to get shared config profile, tema", noProfile],
    ['The AWS profile "tema" was not found.\nConfigured profiles: team.', noProfile],
    ["Could not resolve credentials using profile: [tema] in configuration/credentials file(s).", noProfile],
    ["api error InvalidClientTokenId: The security token included in the request is invalid.", refused],
    ["Invalid credentials configured.\nPlease see https://www.pulumi.com/registry/…", refused],
    ["The configured AWS credentials are invalid or have expired.", refused],
  ];
  for (const [reason, line] of reasons)
    it(`reports "${reason.split("\n", 1)[0]}" as one line`, () => assert.equal(signInFault(reason, "team"), line));

  it("ignores other failures", () => {
    for (const other of ["getaddrinfo ENOTFOUND ec2", "x509: certificate has expired or is not yet valid", ""])
      assert.equal(signInFault(other), undefined);
  });

  it("names no profile if none is set", () =>
    assert.equal(signInFault("ExpiredToken", ""), "the AWS sign-in has expired: aws sso login, or renew the keys"));
});

describe("awsReason", () => {
  it("names the identity and the permission that it lacks", () =>
    assert.equal(
      awsReason(
        "api error UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/x is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action",
      ),
      "arn:aws:iam::123456789012:user/x needs the permission ec2:DescribeVpcs",
    ));

  it("keeps any other reason, and points to the provider's error if there is none", () =>
    assert.deepEqual([awsReason("ENOTFOUND"), awsReason("")], ["ENOTFOUND", "see the provider's own error"]));
});
