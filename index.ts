import * as pulumi from "@pulumi/pulumi";
import { awsConnection } from "./components/aws-connection";
import { EcsFargateService } from "./components/ecs-fargate-service";
import { ecsReader } from "./components/ecs-fargate-service/reader";
import { Gateway } from "./components/gateway";
import { Network } from "./components/network";
import { Registry } from "./components/registry";
import { serviceSpec } from "./components/service-spec";
import { loadSettings } from "./components/settings";

const name = "inference";
const settings = loadSettings();
const spec = serviceSpec(settings);
const { region, model, protect } = settings;

const network = new Network(name, { region, network: settings.network });
const { image } = new Registry(name, {
  image: settings.image,
  context: "app",
  architecture: spec.architecture,
  protect,
});
const gateway = new Gateway(name, { network, ingressCidrs: settings.ingressCidrs, spec, protect });
const routes = model.variants.map((variant) => gateway.route(model.name, variant));

const ecs = new EcsFargateService(name, {
  network,
  region,
  spec,
  image,
  routes,
  spot: settings.spot,
  reader: ecsReader(awsConnection(pulumi.runtime.allConfig())),
});

/** Answers once the declared version runs and the public's requests go to it. */
export const url = gateway.traffic(model.name, ecs.running);
export const target = settings.target;
export const imageDigest = image.digest;
export const ecsClusterName = ecs.clusterName;
export const ecsServiceNames = Object.fromEntries(
  ecs.running.map(({ variant, serviceName }) => [variant, serviceName]),
);
export const logGroupName = ecs.logGroupName;
