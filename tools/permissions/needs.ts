import { parseImage, repositoryArnOf } from "../../components/core/image-reference";
import { rootName } from "../../components/core/short-name";
import { evaluateStack, ofType, type Plan } from "../offline";
import { type Config, readProject } from "../stack/file";
import { stackSettings } from "../stack/settings";
import { childTypes, clusterRoles } from "./actions";

/** What the stacks of the project need of AWS, from their recorded plans. */
export interface Needs {
  /** The prefix of all resource names. */
  readonly name: string;
  readonly regions: readonly string[];
  readonly types: readonly string[];
  /** Tokens of the provider's functions. */
  readonly functions: readonly string[];
  /** Services that may assume a role of the stacks. */
  readonly passedTo: readonly string[];
  /** Managed policies that the stacks attach to roles. */
  readonly policies: readonly string[];
  /** The permissions boundaries of their roles. Empty unless every stack has one. */
  readonly boundaries: readonly string[];
  readonly secrets: readonly string[];
  readonly parameters: readonly string[];
  /** Repositories outside of the stacks. */
  readonly repositories: readonly string[];
}

/** One way to deploy a stack: `overrides` are keys beside its file. */
export interface Case {
  readonly stack: string;
  readonly overrides?: Config;
  readonly file?: string;
}

/** Evaluating a stack takes seconds; `onCase` is called before each. */
export async function needsOf(cases: readonly Case[], onCase: (title: string) => void = () => {}): Promise<Needs> {
  const all: Needs[] = [];
  for (const [index, each] of cases.entries()) {
    onCase(`${index + 1}/${cases.length} ${titleOf(each)}`);
    all.push(await needsOfCase(each));
  }
  const union = (pick: (needs: Needs) => readonly string[]) => [...new Set(all.flatMap(pick))].sort();
  const isBounded = all.every(({ boundaries }) => boundaries.length > 0);
  return {
    name: rootName(readProject().name),
    regions: union(({ regions }) => regions),
    types: union(({ types }) => types),
    functions: union(({ functions }) => functions),
    passedTo: union(({ passedTo }) => passedTo),
    policies: union(({ policies }) => policies),
    boundaries: isBounded ? union(({ boundaries }) => boundaries) : [],
    secrets: union(({ secrets }) => secrets),
    parameters: union(({ parameters }) => parameters),
    repositories: union(({ repositories }) => repositories),
  };
}

const titleOf = ({ stack, overrides }: Case) =>
  overrides?.target === undefined ? `stack ${stack}` : `stack ${stack}, target ${overrides.target}`;

async function needsOfCase({ stack, overrides, file }: Case): Promise<Needs> {
  const settings = stackSettings(stack, overrides, file);
  const plan = await evaluateStack(stack, { overrides, file });
  const declared = plan.resources.map(({ type }) => type);
  const hasCluster = declared.includes("eks:index:Cluster");
  const texts = (type: string, key: string) => ofType(plan, type).map(({ inputs }) => String(inputs[key]));
  const asked = (token: string, key: string) =>
    plan.calls.filter((call) => call.token === token).map(({ inputs }) => String(inputs[key]));
  const images = [
    settings.image,
    ...Object.values(settings.variants).flatMap((variant) => variant?.image ?? []),
    ...Object.values(settings.sidecars).map(({ image }) => image),
  ];
  return {
    name: settings.name,
    regions: [
      settings.region,
      ...ofType(plan, "pulumi:providers:aws").flatMap(({ inputs }) => inputs.region ?? []),
    ].map(String),
    types: declared.flatMap((type) => [type, ...(childTypes[type] ?? [])]),
    functions: plan.calls.map(({ token }) => token),
    passedTo: [...trustedServices(plan), ...(hasCluster ? clusterRoles.services : [])],
    policies: [
      ...texts("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn"),
      ...(hasCluster ? clusterRoles.policies : []),
    ],
    boundaries: settings.permissionsBoundary === "none" ? [] : [settings.permissionsBoundary],
    secrets: asked("aws:secretsmanager/getSecretVersion:getSecretVersion", "secretId"),
    parameters: asked("aws:ssm/getParameter:getParameter", "name"),
    repositories: images.flatMap((image) => (image.includes("@") ? (repositoryArnOf(parseImage(image)) ?? []) : [])),
  };
}

interface Trust {
  readonly Statement: readonly { readonly Principal: { readonly Service?: string } }[];
}

function trustedServices(plan: Plan): string[] {
  return ofType(plan, "aws:iam/role:Role").flatMap(({ inputs }) => {
    const { Statement } = JSON.parse(String(inputs.assumeRolePolicy)) as Trust;
    return Statement.flatMap(({ Principal }) => Principal.Service ?? []);
  });
}
