import type { Plan } from "../offline";

/** Seconds that AWS usually takes to make one: estimates, not measurements. */
const usualSeconds: Readonly<Record<string, number>> = {
  "awsx:ec2:Vpc": 150,
  "aws:lb/loadBalancer:LoadBalancer": 150,
  "aws:lb/targetGroup:TargetGroup": 5,
  "docker-build:index:Image": 180,
  "eks:index:Cluster": 660,
  "aws:eks/addon:Addon": 60,
  "aws:ecs/cluster:Cluster": 12,
  "aws:ecs/service:Service": 120,
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": 15,
  "aws:iam/role:Role": 10,
  "aws:acm/certificateValidation:CertificateValidation": 90,
  "kubernetes:apps/v1:Deployment": 150,
};
const otherwise = 3;

export interface Step {
  readonly what: string;
  readonly seconds: number;
}

/** The longest chain of things that wait for each other, from nothing to the last resource. */
export function firstUrl({ resources }: Plan): { seconds: number; path: Step[] } {
  const ends = new Map<string, { seconds: number; path: Step[] }>();
  for (const { urn, type, name, custom, dependencies } of resources) {
    const before = dependencies.map((dependency) => ends.get(dependency)).filter((end) => end !== undefined);
    const last = before.reduce((one, other) => (other.seconds > one.seconds ? other : one), {
      seconds: 0,
      path: [] as Step[],
    });
    const seconds = usualSeconds[type] ?? (custom ? otherwise : 0);
    const path =
      seconds > otherwise ? [...last.path, { what: `${type.split(":").pop()} ${name}`, seconds }] : last.path;
    ends.set(urn, { seconds: last.seconds + seconds, path });
  }
  return [...ends.values()].reduce((one, other) => (other.seconds > one.seconds ? other : one));
}
