import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Insights, ServiceSpec } from "../core/service-spec";
import { createRole } from "../iam/role";
import { createAddon, type OwnCluster } from "./addon";
import type { Cluster } from "./cluster";

export interface ObservabilityArgs {
  readonly cluster: Cluster;
  readonly own: OwnCluster;
  /** The operator of the add-on needs a node to run on. */
  readonly nodePool: pulumi.Resource;
  readonly region: string;
  /** The namespace whose container logs are kept. */
  readonly namespace: pulumi.Input<string>;
  readonly spec: Pick<ServiceSpec, "logRetentionDays" | "keepsLogs" | "insights">;
}

/** The add-on writes into these names. If the groups do not exist, it creates them without retention, and destroy leaves them. */
const groups = ["performance", "dataplane", "host"] as const;

export interface Observability {
  readonly logGroupName: pulumi.Output<string>;
  /** Pods start after it: until it runs with this configuration, its operator may change them. */
  readonly addon: pulumi.Resource;
}

/** The CloudWatch add-on: collects the log lines of the pods unchanged, and their CPU and memory metrics. */
export function createObservability(
  name: string,
  { cluster, own, nodePool, region, namespace, spec }: ObservabilityArgs,
  inside: pulumi.ResourceOptions,
): Observability {
  const retentionInDays = spec.logRetentionDays;
  // Named by Pulumi: the group of the next cluster must not collide with one that was kept.
  const lines = new aws.cloudwatch.LogGroup(
    `${name}-eks-application`,
    { retentionInDays },
    { ...inside, retainOnDelete: spec.keepsLogs },
  );
  const ofNodes = groups.map((kind) => {
    const groupName = pulumi.interpolate`/aws/containerinsights/${cluster.name}/${kind}`;
    return new aws.cloudwatch.LogGroup(`${name}-eks-${kind}`, { name: groupName, retentionInDays }, inside);
  });
  const logGroups = [lines, ...ofNodes];
  const role = createRole(
    `${name}-observability`,
    {
      description: "What the agents of CloudWatch in the cluster may do",
      trusts: { service: "pods.eks.amazonaws.com", actions: ["sts:AssumeRole", "sts:TagSession"] },
      statements: [
        {
          actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          resources: logGroups.map(({ arn }) => pulumi.interpolate`${arn}:*`),
        },
        { actions: ["cloudwatch:PutMetricData", "ec2:DescribeTags", "ec2:DescribeVolumes"], resources: ["*"] },
      ],
    },
    inside,
  );
  const addon = createAddon(
    `${name}-observability`,
    {
      cluster: own,
      addonName: "amazon-cloudwatch-observability",
      configuration: {
        ...agentConfig(spec.insights, region),
        // From 5.0 on Application Signals instruments every Deployment behind a Service, with init containers that Pod Security "restricted"
        // refuses (aws-observability/helm-charts values.yaml; amazon-cloudwatch-agent-operator#361).
        manager: { applicationSignals: { autoMonitor: { monitorAllServices: false } } },
        containerLogs: {
          fluentBit: { config: { extraFiles: { "application-log.conf": rawLines(region, namespace, lines) } } },
        },
      },
      podIdentityAssociations: [{ serviceAccount: "cloudwatch-agent", roleArn: role.arn }],
    },
    { ...inside, dependsOn: [...cluster.options.dependsOn, nodePool, ...logGroups, ...role.policies] },
  );
  return { logGroupName: lines.name, addon };
}

/**
 * Enhanced is the default of the agent. Off gives it the configuration that the chart has when nothing is collected; the agent's
 * service account remains, because Fluent Bit writes the logs with it
 * (github.com/aws-observability/helm-charts, cloudwatch-agent.build-default-config).
 */
function agentConfig(insights: Insights, region: string) {
  const agent = { region };
  const kubernetes = { enhanced_container_insights: false };
  return {
    off: { agent: { config: { agent } } },
    standard: { agent: { config: { agent, logs: { metrics_collected: { kubernetes } } } } },
    enhanced: {},
  }[insights];
}

/** Without `log_key` Fluent Bit wraps each line in metadata of the pod, and CloudWatch extracts no metrics from it. */
function rawLines(region: string, namespace: pulumi.Input<string>, { name }: aws.cloudwatch.LogGroup) {
  return pulumi.interpolate`[INPUT]
  Name tail
  Tag application.*
  Path /var/log/containers/*_${namespace}_*.log
  multiline.parser cri
  DB /var/fluent-bit/state/flb_container.db
  Mem_Buf_Limit 50MB
  Skip_Long_Lines On
  Refresh_Interval 10
  Rotate_Wait 30
  storage.type filesystem
[OUTPUT]
  Name cloudwatch_logs
  Match application.*
  region ${region}
  log_group_name ${name}
  log_stream_prefix pods-
  auto_create_group false
  log_key log
  log_format json/emf
`;
}
