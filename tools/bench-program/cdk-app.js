// What CDK users write for the same task, in plain JavaScript, so that no compiler counts against it.
const cdk = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const ecs = require("aws-cdk-lib/aws-ecs");
const patterns = require("aws-cdk-lib/aws-ecs-patterns");

const stack = new cdk.Stack(new cdk.App({ outdir: process.env.CDK_OUTDIR }), "Bench");
new patterns.ApplicationLoadBalancedFargateService(stack, "Service", {
  vpc: new ec2.Vpc(stack, "Vpc", { maxAzs: 2, natGateways: 1 }),
  cpu: 512,
  memoryLimitMiB: 1024,
  taskImageOptions: {
    image: ecs.ContainerImage.fromRegistry("public.ecr.aws/docker/library/nginx"),
    containerPort: 8080,
  },
});
stack.node.root.synth();
