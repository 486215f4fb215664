import assert from "node:assert/strict";

/** Output -> pattern of its JSON. */
type Shapes = Readonly<Record<string, RegExp>>;
type Side = "ecs" | "eks";

const ecsCluster = "inference-[0-9a-f]{7}";
const eksCluster = "inference-(dev|prod)";
const groupArn = 'arn:aws:elasticloadbalancing:[^"]+';

const shared: Shapes = {
  url: /^"http:\/\/inference-[0-9a-f]{7}-\d+\.us-east-1\.elb\.amazonaws\.com"$/,
  imageDigest: /^"sha256:[0-9a-f]{64}"$/,
  dashboardUrl:
    /^"https:\/\/us-east-1\.console\.aws\.amazon\.com\/cloudwatch\/.*#dashboards\/dashboard\/inference-(dev|prod)"$/,
  readme: /^"# Inference service.*"$/,
  monthlyUsd: /^\{"atMaximum":\{.*"sum":[\d.]+\},"atMinimum":\{.*"sum":[\d.]+\}\}$/,
};

const ofSide: Readonly<Record<Side, Shapes>> = {
  ecs: {
    ecsClusterName: new RegExp(`^"${ecsCluster}"$`),
    ecsServiceNames: /^\{"ecs":"inference-ecs-[0-9a-f]{7}"\}$/,
    logGroupName: /^"inference-ecs-[0-9a-f]{7}"$/,
  },
  eks: {
    eksClusterName: new RegExp(`^"${eksCluster}"$`),
    eksNamespace: /^"inference-[0-9a-f]{8}"$/,
    eksLogGroupName: /^"inference-eks-application-[0-9a-f]{7}"$/,
    kubeconfig: /^"\[secret\]"$/,
    kubectlAccess: new RegExp(`^"aws eks update-kubeconfig --region us-east-1 --name ${eksCluster}"$`),
  },
};

const variant: Readonly<Record<Side, (weight: number) => string>> = {
  ecs: (weight) =>
    `{"cluster":"${ecsCluster}","header":"x-variant: ecs","logs":"aws logs tail [^"]+",` +
    `"name":"ecs","target":"ecs","targetGroupArn":"${groupArn}","weight":${weight}}`,
  eks: (weight) =>
    `{"cluster":"${eksCluster}","header":"x-variant: eks","internalUrl":"http://eks\\.inference-[0-9a-f]{8}\\.svc\\.cluster\\.local",` +
    `"logs":"kubectl -n [^"]+ logs -f deployment/inference-eks-[^"]+","name":"eks",` +
    `"shell":"kubectl -n [^"]+ exec -it deployment/inference-eks-[^"]+ -- sh",` +
    `"target":"eks","targetGroupArn":"${groupArn}","weight":${weight}}`,
};

/** Asserts the exact set of stack outputs; a new output needs a line here. */
export function assertOutputs(
  given: Readonly<Record<string, unknown>>,
  target: string,
  weights: Readonly<Partial<Record<Side, number>>>,
  further: Shapes = {},
): void {
  const sides = Object.entries(weights) as [Side, number][];
  const variants = sides.map(([side, weight]) => variant[side](weight)).join(",");
  const shapes: Shapes = {
    ...shared,
    target: new RegExp(`^"${target}"$`),
    variants: new RegExp(`^\\[${variants}\\]$`),
    ...Object.assign({}, ...sides.map(([side]) => ofSide[side])),
    ...further,
  };
  assert.deepEqual(Object.keys(given).sort(), Object.keys(shapes).sort());
  for (const [output, shape] of Object.entries(shapes)) assert.match(JSON.stringify(given[output]), shape, output);
}
