import * as pulumi from "@pulumi/pulumi";
import { encryptedKeys } from "../core/encrypted-keys";

type Package = "aws" | "awsx" | "docker" | "docker-build" | "eks";

class StackProvider extends pulumi.ProviderResource {}

/**
 * The provider of a package with the stack's configuration of it (`aws:region` ...), so that a stack may set
 * `pulumi:disable-default-providers`. An explicit provider reads no configuration by itself:
 * https://www.pulumi.com/docs/iac/concepts/resources/providers/. It gets each key as the engine hands it to a default provider, as text:
 * the provider itself refuses a key that it does not know.
 */
export function providerFor(name: Package, opts: pulumi.ResourceOptions = {}): pulumi.ProviderResource {
  const { version }: { version: string } = require(`@pulumi/${name}/package.json`);
  return new StackProvider(name, name, configurationOf(name), { ...opts, version });
}

/** Secret in the state even where the stack file has them in plain text. */
const credentials = ["aws:accessKey", "aws:secretKey", "aws:token"];

function configurationOf(name: Package): pulumi.Inputs {
  const secret = [...encryptedKeys(), ...credentials];
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(`${name}:`));
  return Object.fromEntries(
    own.map(([key, value]) => [key.slice(name.length + 1), secret.includes(key) ? pulumi.secret(value) : value]),
  );
}

/** The Docker engine that the stack's `docker:` keys name; otherwise the one of DOCKER_HOST. */
export const dockerHost = () => new pulumi.Config("docker").get("host");
