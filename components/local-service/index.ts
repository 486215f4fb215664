import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { dockerHost, providerFor } from "../aws/providers";
import { type Build, buildArgsOf, secretSource, usualDockerfile } from "../core/build";
import { capabilitiesOf } from "../core/container";
import { contentOf } from "../core/image-content";
import { livenessCheck, type ServiceSpec } from "../core/service-spec";
import { ownShare } from "../core/sidecar";
import { sharedSpec, type Workload } from "../core/workload";
import { dockerCli } from "./docker-cli";
import { type StartedContainer, untilReady } from "./readiness";

export interface LocalServiceArgs {
  /** "build", or the repository@sha256:... of an existing image, for workloads without an image of their own. */
  readonly image: string;
  readonly build: Build;
  readonly workloads: readonly Pick<Workload, "id" | "variant" | "spec" | "image">[];
}

/** The port of the first variant on this machine; the others follow. */
const firstPort = 8080;

/** The same image in Docker on this machine, in this machine's architecture: for testing, not for production. */
export class LocalService extends pulumi.ComponentResource {
  /** Of the first variant. Resolves once every variant answers on its readiness path. */
  readonly url: pulumi.Output<string>;
  /** Docker's id of the image: it has no digest until a registry gives it one. */
  readonly imageDigest: pulumi.Output<string>;
  /** Of each variant by its name: nothing on this machine divides requests between them. */
  readonly urls: pulumi.Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: LocalServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:local:LocalService", name, {}, opts);
    const inside = { parent: this, provider: providerFor("docker", { parent: this }) };
    pulumi.log.info(
      "local: one container for each variant; replicas, scaling, schedule and weights do not apply",
      this,
    );
    const { image, build, workloads } = args;
    const secrets = Object.keys(sharedSpec(workloads).secrets);
    if (secrets.length > 0) {
      pulumi.log.warn(`local: not set, because their values are in AWS: ${secrets.join(", ")}`, this);
    }
    const shared = createImage(name, { image, build }, inside);
    const running = workloads.map(({ id: workloadId, variant, spec, image: own }, index) => {
      const { imageId } = own === image ? shared : createImage(`${name}-${workloadId}`, { image: own, build }, inside);
      const port = firstPort + index;
      const { id } = createContainer(name, { spec, imageId, port }, inside);
      const url = `http://127.0.0.1:${port}`;
      return id.apply(async (containerId) => {
        await this.untilReady({ id: containerId, variant, url, spec });
        return [variant, url] as const;
      });
    });
    const answering = pulumi.all(running);
    this.url = answering.apply(() => `http://127.0.0.1:${firstPort}`);
    this.urls = answering.apply((entries) => Object.fromEntries(entries));
    this.imageDigest = shared.imageId;
    this.registerOutputs({ url: this.url, urls: this.urls, imageDigest: this.imageDigest });
  }

  /** The provider creates a container and does not see what it answers. A preview asks nothing. */
  private async untilReady(container: StartedContainer): Promise<void> {
    if (pulumi.runtime.isDryRun()) return;
    const report = (text: string) => pulumi.log.info(text, this);
    await untilReady(container, dockerCli(dockerHost()), { report });
  }
}

type ImageArgs = Pick<LocalServiceArgs, "image" | "build">;

function createImage(name: string, { image, build }: ImageArgs, inside: pulumi.ResourceOptions) {
  if (image !== "build") return new docker.RemoteImage(name, { name: image, keepLocally: true }, inside);
  const { version, hash } = contentOf(build, "local");
  return new docker.RemoteImage(
    name,
    {
      name: `${name}:v${version}-${hash}`,
      build: { ...recipeOf(build), buildArgs: buildArgsOf(build, { VERSION: version }) },
      triggers: { content: hash },
      keepLocally: true,
    },
    inside,
  );
}

/** What an image is built from. Of a secret the provider takes the place where it is, not the value. */
function recipeOf({ context, dockerfile, target, secrets }: Build) {
  const sources = Object.entries(secrets).map(([id, text]) => ({ id, ...secretSource(text) }));
  return {
    context,
    ...(dockerfile !== usualDockerfile && { dockerfile }),
    ...(target !== undefined && { target }),
    ...(sources.length > 0 && { secrets: sources }),
  };
}

interface Container {
  readonly spec: ServiceSpec;
  readonly imageId: pulumi.Output<string>;
  readonly port: number;
}

function createContainer(name: string, { spec, imageId, port }: Container, inside: pulumi.ResourceOptions) {
  const { interval, timeout, retries } = livenessCheck;
  const { healthCommand, command, args, user, startSeconds } = spec;
  const { drop, add } = capabilitiesOf(spec);
  const { cpuUnits, memoryMiB } = ownShare(spec);
  return new docker.Container(
    // Named by port, not by variant: another variant on this port must wait until it is free.
    `${name}-${port}`,
    {
      image: imageId,
      ports: [{ ip: "127.0.0.1", external: port, internal: spec.port }],
      envs: Object.entries(spec.environment).map(([variable, value]) => `${variable}=${value}`),
      cpus: cpusOf(cpuUnits),
      memory: memoryMiB,
      // As on Fargate: no swap beyond it.
      memorySwap: memoryMiB,
      ...(command && { entrypoints: [...command] }),
      ...(args && { command: [...args] }),
      ...(user && { user: `${user.uid}:${user.gid}` }),
      readOnly: spec.readOnly && !spec.exec,
      ...writable(spec),
      capabilities: { drops: drop, ...(add.length > 0 && { adds: add }) },
      securityOpts: ["no-new-privileges"],
      init: true,
      stopTimeout: spec.drain.stopSeconds,
      destroyGraceSeconds: spec.drain.stopSeconds,
      removeVolumes: true,
      ...(healthCommand && {
        healthcheck: {
          tests: ["CMD", ...healthCommand],
          interval: duration(interval),
          timeout: duration(timeout),
          retries,
          startPeriod: duration(startSeconds),
        },
      }),
    },
    // Only one container can use the port.
    { ...inside, deleteBeforeReplace: true },
  );
}

/** A volume that the image does not declare would belong to root. */
const writable = ({ declaresVolumes, writablePaths }: ServiceSpec) =>
  declaresVolumes
    ? { volumes: writablePaths.map((containerPath) => ({ containerPath })) }
    : { tmpfs: Object.fromEntries(writablePaths.map((path) => [path, "exec,mode=1777"])) };

/** As the provider reads it back from Docker, for it takes "1" where it reads "1.0" for a change, one that replaces the container. */
function cpusOf(units: number): string {
  const cpus = units / 1024;
  return Number.isInteger(cpus) ? cpus.toFixed(1) : String(cpus);
}

/** As Go writes a duration under an hour, and so the provider reads it back: "5m0s". */
function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
