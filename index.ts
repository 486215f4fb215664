import * as pulumi from "@pulumi/pulumi";
import { awsConnection } from "./components/aws-connection";
import { EcsFargateService } from "./components/ecs-fargate-service";
import { ecsReader } from "./components/ecs-fargate-service/reader";
import { Gateway } from "./components/gateway";
import { LocalService } from "./components/local-service";
import { Network } from "./components/network";
import { Registry } from "./components/registry";
import { serviceSpec } from "./components/service-spec";
import { loadSettings } from "./components/settings";

const name = "inference";
const context = "app";
const settings = loadSettings();
const spec = serviceSpec(settings);
const { model } = settings;

/** The same outputs wherever it runs: `url` resolves once the declared version answers there. */
function onThisMachine() {
  const { url, imageDigest } = new LocalService(name, {
    spec,
    image: settings.image,
    context,
    variants: model.variants,
  });
  return { url, imageDigest };
}

function onAws() {
  const { region, protect } = settings;
  const network = new Network(name, { region, network: settings.network });
  const { image } = new Registry(name, { image: settings.image, context, architecture: spec.architecture, protect });
  const gateway = new Gateway(name, { network, ingressCidrs: settings.ingressCidrs, spec, protect });
  const routes = model.variants.map((variant) => gateway.route(model.name, variant));
  const reader = ecsReader(awsConnection(pulumi.runtime.allConfig()));
  const ecs = new EcsFargateService(name, { network, region, spec, image, routes, spot: settings.spot, reader });
  return {
    url: gateway.traffic(model.name, ecs.running),
    imageDigest: image.digest,
    ecsClusterName: ecs.clusterName,
    ecsServiceNames: ecs.serviceNames,
    logGroupName: ecs.logGroupName,
  };
}

export = { target: settings.target, ...(settings.target === "local" ? onThisMachine() : onAws()) };
