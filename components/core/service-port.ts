import type * as pulumi from "@pulumi/pulumi";

/** What a security group rule opens for the requests of a container. */
export const onPort = (port: number) => ({ ipProtocol: "tcp", fromPort: port, toPort: port });

/** When the port changes, requests go to replicas with the old one until traffic has moved: the old rule is deleted after them. */
export const untilTrafficMoved = (inside: pulumi.ResourceOptions): pulumi.CustomResourceOptions => ({
  ...inside,
  replaceOnChanges: ["fromPort", "toPort"],
});
