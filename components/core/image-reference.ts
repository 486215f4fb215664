/** The parts of repository@sha256:..., as Docker parses it. */
export interface ImageReference {
  /** Host name, with its port where one is given. */
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
  /** Set for a registry in ECR. */
  readonly ecr?: { readonly account: string; readonly region: string };
}

const ecrHost = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$/;

export function parseImage(reference: string): ImageReference {
  const [name = "", digest = ""] = reference.split("@");
  const [first = "", ...others] = name.replace(/:[^:/]*$/, "").split("/");
  const isHost = others.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (!isHost || first === "docker.io") {
    const path = isHost ? others : [first, ...others];
    return { registry: dockerHub, repository: path.length > 1 ? path.join("/") : `library/${path[0]}`, digest };
  }
  const [, account, region] = ecrHost.exec(first) ?? [];
  return {
    registry: first,
    repository: others.join("/"),
    digest,
    ...(account && region && { ecr: { account, region } }),
  };
}

/** Absent outside of ECR. */
export function repositoryArnOf({ repository, ecr }: ImageReference): string | undefined {
  return ecr && `arn:aws:ecr:${ecr.region}:${ecr.account}:repository/${repository}`;
}

/** The tag of a reference; the one that Docker takes when there is none. */
export const tagOf = (reference: string) => /:([^:/]+)$/.exec(reference.split("@", 1)[0] ?? "")?.[1] ?? "latest";

/** The API host of docker.io. */
const dockerHub = "registry-1.docker.io";

/** The name of a registry in the credentials of Docker and Kubernetes (https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/). */
export const loginName = (registry: string) => (registry === dockerHub ? "https://index.docker.io/v1/" : registry);
