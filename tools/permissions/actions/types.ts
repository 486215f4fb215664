/**
 * The AWS actions behind each resource type and function that the program uses: the calls of the Terraform AWS provider that Pulumi's wraps
 * (https://github.com/hashicorp/terraform-provider-aws, internal/service), and what else AWS asks of the caller: `handlers.*.permissions` of
 * CloudFormation's resource schemas (https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html) and the
 * dependent actions of https://docs.aws.amazon.com/service-authorization/latest/reference.
 */
export interface Actions {
  /** Separated by spaces. What a preview and a refresh call. */
  readonly read: string;
  /** What create, update and delete call besides. */
  readonly write?: string;
  /** Services whose service-linked role AWS creates with the first resource of an account. */
  readonly linked?: readonly string[];
}
