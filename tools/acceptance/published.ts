/** A time that others published, beside which a measured one stands. */
export interface Published {
  readonly what: string;
  readonly figure: string;
  readonly source: string;
  /** The resource whose creation it is, or the start of a task. */
  readonly of: { readonly type: string } | "task";
}

export const published: readonly Published[] = [
  {
    what: "EKS control plane",
    figure: "503-683 s, median 612 s",
    source: "11 public Terraform logs",
    of: { type: "aws:eks/cluster:Cluster" },
  },
  {
    what: "EKS control plane",
    figure: "540 s or less on average",
    source: "AWS, 2021-03-19",
    of: { type: "aws:eks/cluster:Cluster" },
  },
  {
    what: "Load balancer",
    figure: "139, 142, 172 s",
    source: "public Terraform logs",
    of: { type: "aws:lb/loadBalancer:LoadBalancer" },
  },
  {
    what: "NAT gateway",
    figure: "85-125 s, median 106 s",
    source: "public Terraform logs",
    of: { type: "aws:ec2/natGateway:NatGateway" },
  },
  {
    what: "Fargate task, image of 413 MB",
    figure: "53-62 s, mean 57 s",
    source: "elasticscale, 2024-04-10",
    of: "task",
  },
  { what: "Fargate task, image of 900 MB", figure: "70 s", source: "containers-roadmap#696", of: "task" },
  { what: "Fargate task, small image", figure: "23-30 s", source: "containers-roadmap#2113; Ionescu 2022", of: "task" },
];
