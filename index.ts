import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { awsConnection } from "./components/aws/connection";
import { ecrApi } from "./components/aws/ecr";
import { ecsApi } from "./components/aws/ecs";
import { loadBalancerApi } from "./components/aws/elb";
import { serviceSpec } from "./components/core/service-spec";
import { EcsFargateService } from "./components/ecs-fargate-service";
import type { EksService } from "./components/eks-service";
import { registrableBy } from "./components/eks-service/controller";
import { Gateway } from "./components/gateway";
import { Observability, RouteAlarms } from "./components/monitoring";
import { Network } from "./components/network";
import { runPreflight } from "./components/preflight";
import { watchCosts } from "./components/pricing/stack-cost";
import { Registry } from "./components/registry";
import { loadSettings } from "./components/settings";
import { targetNamed } from "./components/targets";
import { Traffic, withFirstReplicas } from "./components/traffic";

const settings = loadSettings();
const { name, target, model, image, region, protect, spot, internal, internalCallers, clusterName } = settings;
const spec = serviceSpec(settings);
// Pulumi Cloud shows it and fills in ${outputs.…}: https://www.pulumi.com/docs/pulumi-cloud/projects-and-stacks/#stack-readme
const readme = readFileSync(`${__dirname}/Pulumi.README.md`, "utf8");
for (const note of settings.notes) pulumi.log.info(note);
for (const warning of settings.warnings) pulumi.log.warn(warning);

// A side that the stack does not run is not loaded: most of a start is reading files.
async function onThisMachine() {
  const { LocalService } = await import("./components/local-service");
  const local = new LocalService(name, { spec, image, context: "app", variants: model.variants });
  return { target, url: local.url, urls: local.urls, imageDigest: local.imageDigest };
}

async function onAws() {
  const connection = awsConnection(pulumi.runtime.allConfig());
  const { provider, domain, zones } = await runPreflight(settings, connection);
  const by = { provider };
  const cost = watchCosts(settings, spec);
  const api = { ...loadBalancerApi(connection), ...ecsApi(connection), ...ecrApi(connection) };
  const network = new Network(name, { region, network: settings.network, zones, internal }, by);
  const registry = new Registry(
    name,
    { image, context: "app", architecture: spec.architecture, protect, reader: api },
    by,
  );
  const groupTags = registrableBy(settings.eks.cluster?.controller, clusterName);
  const gateway = new Gateway(name, { ...settings, domain, network, spec, groupTags }, by);
  const attached = gateway.routes(model);
  const shared = { model: model.name, entrance: gateway.entrance, routes: attached, spec, api };
  const sized = withFirstReplicas(shared);
  const routes = sized.map((route) => {
    const schedule = targetNamed(route.target)?.capabilities.schedule ? spec.schedule : {};
    const workload = { ...route, id: route.name, variant: route.name, spec: { ...spec, schedule } };
    const alarmed = { route: { ...route, workload }, thresholds: settings.alarms };
    const alarms = new RouteAlarms(`${name}-${workload.id}`, alarmed, by);
    return { ...route, alarms, rollbackAlarmNames: alarms.names, image: registry.imageFor(route) };
  });
  const [ecs = [], eks = []] = ["ecs", "eks"].map((side) => routes.filter((route) => route.target === side));
  const place = { network, region, spec, spot, api, gatewaySecurityGroupId: gateway.securityGroupId };
  const services: (EcsFargateService | EksService)[] = [];
  if (ecs.length > 0) services.push(new EcsFargateService(name, { ...place, variants: ecs, internalCallers }, by));
  if (eks.length > 0) {
    const { EksService } = await import("./components/eks-service");
    services.push(new EksService(name, { ...place, variants: eks, clusterName, connection, eks: settings.eks }, by));
  }
  const traffic = new Traffic(name, { ...shared, services }, by);
  const platforms = services.map(({ target, logGroupName, running }) => {
    const deployments = running.map((one) => ({ ...one, workload: { id: one.variant } }));
    return { target, logGroupName, deployments };
  });
  const routeAlarms = routes.map(({ alarms }) => alarms);
  const watched = { routeAlarms, platforms, url: traffic.servedUrl, certificateArn: gateway.certificateArn, settings };
  const { dashboardUrl } = new Observability(name, watched, by);
  const outputs = [traffic.outputs, ...services.map((one) => one.outputs)];
  const own = { target, imageDigest: registry.image.digest, monthlyUsd: cost(), readme, dashboardUrl };
  return Object.assign(own, ...outputs);
}

/** The url resolves once the declared version answers there. */
export = target === "local" ? onThisMachine() : onAws();
