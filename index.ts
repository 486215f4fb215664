import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { awsConnection } from "./components/aws/connection";
import { ecrApi } from "./components/aws/ecr";
import { loadBalancerApi } from "./components/aws/elb";
import { imageScanApi } from "./components/aws/image-scan";
import type { Platform, ServiceArgs } from "./components/core/deployment";
import { serviceSpec } from "./components/core/service-spec";
import { workloadsOf } from "./components/core/workload";
import type { EcsOutputs } from "./components/ecs-fargate-service";
import type { EksOutputs } from "./components/eks-service";
import { Gateway } from "./components/gateway";
import { setPermissionsBoundary } from "./components/iam/permissions-boundary";
import { Observability, RouteAlarms } from "./components/monitoring";
import { Network } from "./components/network";
import { runPreflight } from "./components/preflight";
import { readMeasurement } from "./components/pricing/measurement";
import { type MonthlyUsd, watchCosts } from "./components/pricing/stack-cost";
import { Registry } from "./components/registry";
import { scanGate } from "./components/registry/scan-gate";
import { VariantRoute } from "./components/route";
import { loadSettings, type TargetChoice } from "./components/settings";
import { awsTargetNamed, awsTargets, type PlatformArgs, runsOnAws, targetNamed } from "./components/targets";
import { startingReplicas, Traffic, type VariantAccess } from "./components/traffic";

/** Outputs of every stack. */
interface StackOutputs {
  /** The configuration key `target`. */
  readonly target: TargetChoice;
  /** Where callers send requests. Resolves once the declared version answers there. */
  readonly url: pulumi.Output<string>;
  /** The digest of the image that the stack runs; on this machine, Docker's id of the image. */
  readonly imageDigest: pulumi.Output<string>;
}

/** Outputs of a stack on this machine. */
interface LocalOutputs extends StackOutputs {
  /** The URL of each variant, by the variant's name. */
  readonly urls: pulumi.Output<Readonly<Record<string, string>>>;
}

/** Outputs of a stack on AWS, and those of each platform that it uses. */
interface AwsOutputs extends StackOutputs, Partial<EcsOutputs>, Partial<EksOutputs> {
  /** How to reach each variant, with its share of the traffic and its commands. */
  readonly variants: readonly VariantAccess[];
  /** The CloudWatch dashboard. */
  readonly dashboardUrl: pulumi.Output<string>;
  /** The S3 folder of the load balancer's access logs. */
  readonly accessLogs?: pulumi.Output<string>;
  /** List prices of a month, at the fewest and at the most replicas. */
  readonly monthlyUsd: MonthlyUsd;
  /** A page about the stack. Pulumi Cloud shows it: https://www.pulumi.com/docs/pulumi-cloud/projects-and-stacks/#stack-readme */
  readonly readme: string;
}

const settings = loadSettings();
const { name, region, image, build, imageCredentials, protect, internal, permissionsBoundary } = settings;
const workloads = workloadsOf(settings, (target) => targetNamed(target).capabilities.schedule);
for (const note of settings.notes) pulumi.log.info(note);
for (const warning of settings.warnings) pulumi.log.warn(warning);

async function onThisMachine(): Promise<LocalOutputs> {
  const { LocalService } = await import("./components/local-service");
  const { url, urls, imageDigest } = new LocalService(name, { image, build, workloads });
  return { target: settings.target, url, urls, imageDigest };
}

async function onAws(): Promise<AwsOutputs> {
  const measurement = readMeasurement(__dirname, settings.stack);
  const connection = awsConnection(pulumi.runtime.allConfig());
  if (permissionsBoundary !== "none") setPermissionsBoundary(permissionsBoundary);
  const { provider, domain, listener, running, zones } = await runPreflight(settings, connection);
  const opts = { provider };
  const spec = serviceSpec(settings);
  const cost = watchCosts(settings, spec, measurement);
  const api = loadBalancerApi(connection);
  const { architecture, imageScan } = settings;

  const gatewaySubnetIds = listener?.loadBalancer.subnetIds;
  const placed = { region, network: settings.network, zones, internal, gatewaySubnetIds };
  const network = new Network(name, placed, opts);
  const gate = scanGate({ imageScan, architecture, running: running.images, reader: imageScanApi(connection) });
  const reader = ecrApi(connection);
  const registry = new Registry(name, { image, build, imageCredentials, architecture, protect, reader, gate }, opts);
  const gateway = new Gateway(name, { ...settings, container: spec, domain, listener, network }, opts);
  const { entrance, securityGroups: gatewaySecurityGroups, certificateArn } = gateway;

  const variants = workloads.map((workload) => {
    const attachment = awsTargetNamed(workload.target).attachment(settings);
    const route = new VariantRoute(`${name}-${workload.id}`, { workload, network, entrance, attachment }, opts);
    const alarms = new RouteAlarms(`${name}-${workload.id}`, { route, thresholds: settings.alarms }, opts);
    return { workload, route, alarms };
  });
  const routes = variants.map(({ route }) => route);
  const routeAlarms = variants.map(({ alarms }) => alarms);

  const balanced = { model: settings.model.name, entrance, routes, api };
  const firstReplicas = startingReplicas(balanced);
  const services = variants.map(({ workload, route, alarms }) => ({
    workload,
    route,
    image: registry.imageFor(workload),
    firstReplicas: firstReplicas(workload),
    rollbackAlarmNames: alarms.names,
  }));
  const platforms = await createPlatforms(services, { settings, network, gatewaySecurityGroups, connection }, opts);
  const deployments = platforms.flatMap((platform) => platform.deployments);

  const traffic = new Traffic(name, { ...balanced, deployments }, opts);
  const observed = { routeAlarms, platforms, url: traffic.servedUrl, certificateArn, listener, settings };
  const { dashboardUrl } = new Observability(name, observed, opts);
  const { target } = settings;
  const { accessLogs } = gateway;
  return {
    target,
    url: traffic.url,
    imageDigest: registry.image.digest,
    variants: traffic.variants,
    dashboardUrl,
    ...(accessLogs && { accessLogs }),
    monthlyUsd: cost(),
    readme: readFileSync(`${__dirname}/Pulumi.README.md`, "utf8"),
    ...outputsOf(platforms),
  };
}

type PlatformOutputs = Partial<EcsOutputs & EksOutputs>;

/** Loads only the targets in use: reading files takes most of the start-up time. */
async function createPlatforms(
  services: readonly ServiceArgs[],
  shared: Omit<PlatformArgs, "services">,
  opts: pulumi.ComponentResourceOptions,
): Promise<Platform<PlatformOutputs>[]> {
  const platforms: Platform<PlatformOutputs>[] = [];
  for (const target of awsTargets) {
    const own = services.filter(({ workload }) => workload.target === target.name);
    if (own.length > 0) platforms.push(await target.create(name, { ...shared, services: own }, opts));
  }
  return platforms;
}

function outputsOf(platforms: readonly Platform<PlatformOutputs>[]): PlatformOutputs {
  let all: PlatformOutputs = {};
  for (const { outputs } of platforms) all = { ...all, ...outputs };
  return all;
}

export = runsOnAws(settings.target) ? onAws() : onThisMachine();
