import * as pulumi from "@pulumi/pulumi";
import { awsConnection } from "./components/aws-connection";
import { EcsFargateService } from "./components/ecs-fargate-service";
import { ecsReader } from "./components/ecs-fargate-service/reader";
import { EksService, registrableBy } from "./components/eks-service";
import { Gateway } from "./components/gateway";
import { findEdge } from "./components/gateway/edge";
import { loadBalancerReader } from "./components/load-balancer-reader";
import { LocalService } from "./components/local-service";
import { Network } from "./components/network";
import { Registry } from "./components/registry";
import { serviceSpec } from "./components/service-spec";
import { loadSettings } from "./components/settings";

const settings = loadSettings();
const name = settings.project;
const context = "app";
const spec = serviceSpec(settings);
const { model } = settings;
for (const note of settings.notes) pulumi.log.info(note);

function onThisMachine() {
  const local = new LocalService(name, { spec, image: settings.image, context, variants: model.variants });
  return { url: local.url, imageDigest: local.imageDigest };
}

async function onAws() {
  const { region, protect, spot } = settings;
  const edge = await findEdge(settings);
  const clusterName = `${name}-${settings.stack}`;
  const connection = awsConnection(pulumi.runtime.allConfig());
  const reader = { ...loadBalancerReader(connection), ...ecsReader(connection) };
  const network = new Network(name, { region, network: settings.network });
  const registry = new Registry(name, { image: settings.image, context, architecture: spec.architecture, protect });
  const gateway = new Gateway(name, { ...edge, network, spec, reader, groupTags: registrableBy(clusterName) });
  const routes = gateway.routes(model).map((route) => ({ ...route, image: registry.imageFor(route) }));

  const [ecs = [], eks = []] = ["ecs", "eks"].map((target) => routes.filter((route) => route.target === target));
  const place = { network, region, spec, spot, reader, gatewaySecurityGroupId: gateway.securityGroupId };
  const services = [
    ...(ecs.length > 0 ? [new EcsFargateService(name, { ...place, variants: ecs })] : []),
    ...(eks.length > 0 ? [new EksService(name, { ...place, variants: eks, clusterName, eks: settings.eks })] : []),
  ];
  const running = services.flatMap((service) => [...service.running]);
  const outputs = services.flatMap((service) => Object.entries(service.outputs));
  return { ...gateway.traffic(model, running), imageDigest: registry.image.digest, ...Object.fromEntries(outputs) };
}

async function outputs() {
  return { target: settings.target, ...(settings.target === "local" ? onThisMachine() : await onAws()) };
}

/** The url resolves once the declared version answers there. */
export = outputs();
