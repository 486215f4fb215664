import type { Statement } from "../tools/permissions/statements";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space does not count. */
const longestDocument = 6144;

type AnyStatement = Omit<Statement, "Sid"> & { readonly Sid?: string };

/** As few documents as hold all statements, each short enough for a managed policy. The statements keep their order. */
export function policyDocuments(statements: readonly AnyStatement[], account: string): string[] {
  const documents: AnyStatement[][] = [];
  for (const statement of statements) {
    const last = documents.at(-1);
    if (last && documentOf([...last, statement], account).length <= longestDocument) last.push(statement);
    else documents.push([statement]);
  }
  return documents.map((each) => documentOf(each, account));
}

const documentOf = (statements: readonly AnyStatement[], account: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements }).replaceAll("<account>", account);

interface State {
  readonly stateBucket?: string;
  readonly stateKeyArn?: string;
}

/** Access to Pulumi's state and to the key of its secrets. */
export function stateStatements({ stateBucket, stateKeyArn }: State, may: "read" | "write"): AnyStatement[] {
  const objects = may === "read" ? ["s3:GetObject"] : ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"];
  const keys = may === "read" ? ["kms:Decrypt"] : ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"];
  const allow = (Sid: string, Action: string[], Resource: string[]) => ({
    Sid,
    Effect: "Allow" as const,
    Action,
    Resource,
  });
  return [
    ...(stateBucket === undefined
      ? []
      : [
          allow("StateList", ["s3:GetBucketLocation", "s3:ListBucket"], [`arn:aws:s3:::${stateBucket}`]),
          allow("State", objects, [`arn:aws:s3:::${stateBucket}/*`]),
        ]),
    ...(stateKeyArn === undefined ? [] : [allow("StateKey", keys, [stateKeyArn])]),
  ];
}

const issuer = "token.actions.githubusercontent.com";

/** Who may assume a role: jobs of GitHub Actions whose token has exactly one of these subjects. */
export const trustPolicy = (providerArn: string, subjects: readonly string[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: ["sts:AssumeRoleWithWebIdentity"],
        Condition: { StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: [...subjects] } },
      },
    ],
  });
