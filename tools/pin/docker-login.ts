import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { loginName } from "../../components/core/image-reference";
import type { RegistrySignIn } from "../../components/core/registry-sign-in";

/** As `docker login` leaves it (https://docs.docker.com/reference/cli/docker/login/#credential-stores). */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

const limitMs = 20_000;

/** The credentials of this machine for a registry; undefined when nobody signed in. */
export function dockerLogin(registry: string, environment = process.env): RegistrySignIn | undefined {
  const config = readConfig(environment.DOCKER_CONFIG ?? join(homedir(), ".docker"));
  const name = loginName(registry);
  const isIt = (key: string) => hostOf(key) === hostOf(name);
  const helper = entryOf(config.credHelpers, isIt)?.[1] ?? config.credsStore;
  return (helper && fromHelper(helper, name)) || fromFile(entryOf(config.auths, isIt)?.[1].auth);
}

/** An unreadable file is one that Docker could not use either. */
function readConfig(folder: string): DockerConfig {
  try {
    return JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as DockerConfig;
  } catch {
    return {};
  }
}

/** Docker writes a registry with or without https:// and a path. */
const hostOf = (key: string) => key.replace(/^https?:\/\//, "").split("/", 1)[0];

const entryOf = <T>(entries: Readonly<Record<string, T>> | undefined, isIt: (key: string) => boolean) =>
  Object.entries(entries ?? {}).find(([key]) => isIt(key));

/** The protocol of https://github.com/docker/docker-credential-helpers. A user <token> stands for an identity token, which has its own flow. */
function fromHelper(helper: string, name: string): RegistrySignIn | undefined {
  const { status, stdout } = spawnSync(`docker-credential-${helper}`, ["get"], {
    input: name,
    encoding: "utf8",
    timeout: limitMs,
  });
  if (status !== 0) return undefined;
  const { Username: username, Secret: password } = JSON.parse(stdout) as { Username?: string; Secret?: string };
  return username && password && username !== "<token>" ? { username, password } : undefined;
}

function fromFile(auth: string | undefined): RegistrySignIn | undefined {
  const [, username, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(auth ?? "", "base64").toString()) ?? [];
  return username && password ? { username, password } : undefined;
}
