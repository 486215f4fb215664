import type { Wait } from "../../components/targets/profile";
import type { Plan } from "../offline";

type Usual = Omit<Wait, "what">;

const logs = "public Terraform logs of 11 clusters: median and longest";
const guess = "estimate: nothing published was found";

/** Seconds that AWS usually takes to create a resource. */
const usual: Readonly<Record<string, Usual>> = {
  "awsx:ec2:Vpc": { seconds: 150, from: `${guess}; of it a NAT gateway is 106 s, ${logs}` },
  "aws:lb/loadBalancer:LoadBalancer": { seconds: 142, most: 172, from: logs },
  "aws:lb/targetGroup:TargetGroup": { seconds: 5, from: guess },
  "docker-build:index:Image": { seconds: 180, from: "assumption: depends on the machine, its uplink and the image" },
  "eks:index:Cluster": { seconds: 612, most: 683, from: logs },
  "aws:eks/addon:Addon": { seconds: 60, from: guess },
  "aws:ecs/cluster:Cluster": { seconds: 12, from: guess },
  "aws:ecs/service:Service": { seconds: 120, from: guess },
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": { seconds: 15, from: guess },
  "aws:iam/role:Role": { seconds: 10, from: guess },
  "aws:acm/certificateValidation:CertificateValidation": { seconds: 90, from: guess },
  "kubernetes:apps/v1:Deployment": { seconds: 150, from: guess },
};
const otherwise: Usual = { seconds: 3, from: guess };
const nothing: Usual = { seconds: 0, from: "" };

interface End {
  readonly seconds: number;
  readonly path: readonly Wait[];
}

/** Shorter waits are summed up in one step. */
const worthNaming = 15;

/** The longest chain of resources that wait for each other, from an empty account to the last one. */
export function firstUrl({ resources }: Plan): Wait[] {
  const ends = new Map<string, End>();
  for (const { urn, type, name, custom, dependencies } of resources) {
    const before = dependencies.map((dependency) => ends.get(dependency)).filter((end) => end !== undefined);
    const last = longest(before);
    const own = usual[type] ?? (custom ? otherwise : nothing);
    const what = `${type.split(":").pop()} ${name}`;
    ends.set(urn, { seconds: last.seconds + own.seconds, path: [...last.path, { what, ...own }] });
  }
  return summedUp(longest([...ends.values()]).path.filter(({ seconds }) => seconds > 0));
}

const longest = (ends: readonly End[]) =>
  ends.reduce((one, other) => (other.seconds > one.seconds ? other : one), { seconds: 0, path: [] });

function summedUp(path: readonly Wait[]): Wait[] {
  const named = path.filter(({ seconds }) => seconds > worthNaming);
  const others = path.filter(({ seconds }) => seconds <= worthNaming);
  const seconds = others.reduce((sum, other) => sum + other.seconds, 0);
  return seconds > 0 ? [...named, { what: `${others.length} smaller resources`, seconds, from: guess }] : named;
}
