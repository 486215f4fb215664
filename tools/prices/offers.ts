import type { PriceKey } from "../../components/pricing/table";

/** Where the AWS price list has a price: the offer file of a region, and a usage type in it, without the region's prefix. */
export interface Place {
  readonly offer: string;
  readonly usage: string;
  readonly operation?: string;
}

/** Without EC2 and NAT gateways, whose offer file has hundreds of megabytes, and without Fargate Spot and dashboards, which no offer has. */
export const places: Partial<Record<PriceKey, Place>> = {
  "fargate-x86_64-vcpu": { offer: "AmazonECS", usage: "Fargate-vCPU-Hours:perCPU" },
  "fargate-x86_64-gb": { offer: "AmazonECS", usage: "Fargate-GB-Hours" },
  "fargate-arm64-vcpu": { offer: "AmazonECS", usage: "Fargate-ARM-vCPU-Hours:perCPU" },
  "fargate-arm64-gb": { offer: "AmazonECS", usage: "Fargate-ARM-GB-Hours" },
  "eks-standard": { offer: "AmazonEKS", usage: "AmazonEKS-Hours:perCluster" },
  alb: { offer: "AWSELB", usage: "LoadBalancerUsage", operation: "LoadBalancing:Application" },
  "alb-lcu": { offer: "AWSELB", usage: "LCUUsage", operation: "LoadBalancing:Application" },
  endpoint: { offer: "AmazonVPC", usage: "VpcEndpoint-Hours" },
  ipv4: { offer: "AmazonVPC", usage: "PublicIPv4:InUseAddress" },
  ecr: { offer: "AmazonECR", usage: "TimedStorage-ByteHrs" },
  "logs-ingestion": { offer: "AmazonCloudWatch", usage: "DataProcessing-Bytes", operation: "PutLogEvents" },
  "logs-storage": { offer: "AmazonCloudWatch", usage: "TimedStorage-ByteHrs" },
  alarm: { offer: "AmazonCloudWatch", usage: "CW:AlarmMonitorUsage" },
  "composite-alarm": { offer: "AmazonCloudWatch", usage: "CW:CompositeAlarmMonitorUsage" },
  "requested-metrics": { offer: "AmazonCloudWatch", usage: "CW:GMD-Metrics" },
  "container-insights-observations": { offer: "AmazonCloudWatch", usage: "CW:ObservationUsage" },
  s3: { offer: "AmazonS3", usage: "TimedStorage-ByteHrs" },
  "transfer-out": { offer: "AWSDataTransfer", usage: "DataTransfer-Out-Bytes" },
  "sagemaker-c7i-xlarge": { offer: "AmazonSageMaker", usage: "Host:ml.c7i.xlarge" },
  secret: { offer: "AWSSecretsManager", usage: "AWSSecretsManager-Secrets" },
  "lambda-requests": { offer: "AWSLambda", usage: "Request" },
  "lambda-x86_64": { offer: "AWSLambda", usage: "Lambda-GB-Second" },
  "lambda-arm64": { offer: "AWSLambda", usage: "Lambda-GB-Second-ARM" },
};

/** Prices whose unit in the list differs from the unit of the bundled table. */
export const perOurUnit: Partial<Record<PriceKey, number>> = {
  "lambda-requests": 1e6,
  "requested-metrics": 1e3,
  "container-insights-observations": 1e6,
};
