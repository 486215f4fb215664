import * as pulumi from "@pulumi/pulumi";

/**
 * Every role that the program registers from now on has this boundary, those inside the EKS cluster's component too: the engine applies a
 * transform to the children of packaged components, which it does not do with a transformation
 * (https://www.pulumi.com/docs/iac/concepts/resources/options/transformations/).
 */
export function setPermissionsBoundary(arn: string): void {
  pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
    type === "aws:iam/role:Role" ? { props: { ...props, permissionsBoundary: arn }, opts } : undefined,
  );
}
