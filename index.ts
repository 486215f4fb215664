import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { awsConnection } from "./components/aws/connection";
import { ecrApi } from "./components/aws/ecr";
import { ecsApi } from "./components/aws/ecs";
import { loadBalancerApi } from "./components/aws/elb";
import type { Platform } from "./components/core/deployment";
import { serviceSpec } from "./components/core/service-spec";
import { workloadsOf } from "./components/core/workload";
import { EcsFargateService } from "./components/ecs-fargate-service";
import { Gateway } from "./components/gateway";
import { Observability, RouteAlarms } from "./components/monitoring";
import { Network } from "./components/network";
import { runPreflight } from "./components/preflight";
import { watchCosts } from "./components/pricing/stack-cost";
import { Registry } from "./components/registry";
import { VariantRoute } from "./components/route";
import { loadSettings } from "./components/settings";
import { targetNamed } from "./components/targets";
import { startingReplicas, Traffic } from "./components/traffic";

const settings = loadSettings();
const { name, target, model, image, region, protect, internal, internalCallers, clusterName } = settings;
const workloads = workloadsOf(settings, (each) => targetNamed(each).capabilities.schedule);
// Pulumi Cloud shows it and fills in ${outputs.…}: https://www.pulumi.com/docs/pulumi-cloud/projects-and-stacks/#stack-readme
const readme = readFileSync(`${__dirname}/Pulumi.README.md`, "utf8");
for (const note of settings.notes) pulumi.log.info(note);
for (const warning of settings.warnings) pulumi.log.warn(warning);

// A side that the stack does not run is not loaded: most of a start is reading files.
async function onThisMachine() {
  const { LocalService } = await import("./components/local-service");
  const local = new LocalService(name, { image, context: "app", workloads });
  return { target, url: local.url, urls: local.urls, imageDigest: local.imageDigest };
}

async function onAws() {
  const connection = awsConnection(pulumi.runtime.allConfig());
  const { provider, domain, zones } = await runPreflight(settings, connection);
  const by = { provider };
  const cost = watchCosts(settings, serviceSpec(settings));
  const api = { ...loadBalancerApi(connection), ...ecsApi(connection), ...ecrApi(connection) };
  const network = new Network(name, { region, network: settings.network, zones, internal }, by);
  const { architecture } = settings;
  const registry = new Registry(name, { image, context: "app", architecture, protect, reader: api }, by);
  const gateway = new Gateway(name, { ...settings, domain, network }, by);
  const { entrance, certificateArn } = gateway;
  const routes = workloads.map((workload) => {
    const attachment = targetNamed(workload.target).attachment(settings);
    return new VariantRoute(`${name}-${workload.id}`, { workload, network, entrance, attachment }, by);
  });
  const routeAlarms = routes.map(
    (route) => new RouteAlarms(`${name}-${route.workload.id}`, { route, thresholds: settings.alarms }, by),
  );
  const startWith = startingReplicas({ model: model.name, entrance, routes, api });
  const services = routes.map((route, index) => ({
    workload: route.workload,
    route,
    image: registry.imageFor(route.workload),
    firstReplicas: startWith(route.workload),
    rollbackAlarmNames: routeAlarms[index]?.names ?? [],
  }));
  const [ecs = [], eks = []] = ["ecs", "eks"].map((side) =>
    services.filter(({ workload }) => workload.target === side),
  );
  const place = { network, region, api, gatewaySecurityGroupId: gateway.securityGroupId };
  const platforms: Platform[] = [];
  if (ecs.length > 0) platforms.push(new EcsFargateService(name, { ...place, services: ecs, internalCallers }, by));
  if (eks.length > 0) {
    const { EksService } = await import("./components/eks-service");
    platforms.push(new EksService(name, { ...place, services: eks, clusterName, connection, eks: settings.eks }, by));
  }
  const deployments = platforms.flatMap((platform) => platform.deployments);
  const traffic = new Traffic(name, { model: model.name, entrance, routes, deployments, api }, by);
  const { dashboardUrl } = new Observability(
    name,
    { routeAlarms, platforms, url: traffic.servedUrl, certificateArn, settings },
    by,
  );
  return {
    target,
    url: traffic.url,
    imageDigest: registry.image.digest,
    monthlyUsd: cost(),
    readme,
    dashboardUrl,
    variants: traffic.variants,
    ...(gateway.accessLogs && { accessLogs: gateway.accessLogs }),
    ...Object.assign({}, ...platforms.map((platform) => platform.outputs)),
  };
}

/** The url resolves once the declared version answers there. */
export = target === "local" ? onThisMachine() : onAws();
