import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as inference from "../../components";

// One service on ECS Fargate, in a VPC that exists, without the settings of this project.
const region = "eu-west-1";
const network = {
  vpcId: "vpc-0a1b2c3d",
  gatewaySubnetIds: ["subnet-0aaa1111", "subnet-0bbb2222"],
  privateSubnetIds: ["subnet-0ccc3333", "subnet-0ddd4444"],
};
const defaults = inference.defaultValues();
const spec = inference.serviceSpec({ ...defaults, place: "aws", replicas: { min: 2, max: 6 } });
const workload = { id: "api", model: "main", variant: "api", target: "ecs", weight: 100, spec, image: "build" };

const connection = inference.awsConnection(pulumi.runtime.allConfig());
const api = inference.loadBalancerApi(connection);
const reader = inference.ecrApi(connection);
const { architecture } = spec;
const build = { ...defaults.build, context: join(__dirname, "../../app") };
const registry = new inference.Registry("own", { image: "build", build, architecture, protect: false, reader });
const ingressCidrs = ["203.0.113.0/24"];
const gateway = new inference.Gateway("own", {
  ...defaults,
  container: spec,
  domain: undefined,
  region,
  network,
  ingressCidrs,
});
const { entrance, securityGroups: gatewaySecurityGroups } = gateway;
const attachment = { replacementTrigger: "ecs", tags: {} };
const route = new inference.VariantRoute("own-api", { workload, network, entrance, attachment });
const balanced = { model: workload.model, entrance, routes: [route], api };
const image = registry.imageFor(workload);
const firstReplicas = inference.startingReplicas(balanced)(workload);
const service = new inference.EcsFargateService("own", {
  network,
  region,
  gatewaySecurityGroups,
  internalCallers: [],
  api: inference.ecsApi(connection),
  services: [{ workload, route, image, firstReplicas, rollbackAlarmNames: [] }],
});
const traffic = new inference.Traffic("own", { ...balanced, deployments: service.deployments });

export const url = traffic.url;
