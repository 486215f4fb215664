import { awsReason } from "../aws/fault";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";

/** Returns undefined when AWS reports that the resource does not exist. Every other failure ends the program. */
export async function ask<T>(question: string, asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    const reason = reasonOf(error);
    if (saysNone(reason)) return undefined;
    throw deploymentError(`Could not read ${question} from AWS: ${awsReason(reason)}`);
  }
}

/** ECS describes a deleted cluster as INACTIVE for a while, and the provider reports that word alone. */
export const saysNone = (reason: string) =>
  /couldn't find resource|no matching|empty result|\): INACTIVE|ResourceNotFoundException|ParameterNotFound|NoSuchEntity|\.NotFound|FileSystemNotFound|AccessPointNotFound/.test(
    reason,
  );
