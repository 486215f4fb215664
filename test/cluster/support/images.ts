import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeTabularModel } from "../../../app/test/support/tabular-model";
import type { Docker } from "../../../tools/start/docker";
import { appFolder, provideBasesOf } from "../../container/support/engine";
import { exampleFolder } from "../../support/examples";

const registry = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const base = "inference:cluster-tier";

/** The body of a request to the model of these images. */
export const features = { features: [5.1, 3.5, 1.4, 0.2] };

/**
 * Versions of the real image of app/, each with a linear model of four numbers, so that two cores carry the whole tier, and images of
 * examples/.
 */
export class Images {
  private constructor(private readonly docker: Docker) {}

  /** Fails with the reason when this machine has no base image. */
  static async build(docker: Docker): Promise<Images> {
    await buildFolder(docker, appFolder, base);
    return new Images(docker);
  }

  /** `instructions` are further lines of its Dockerfile. */
  async version(name: string, ...instructions: string[]): Promise<string> {
    const folder = writeTabularModel();
    const lines = [`FROM ${base}`, "COPY manifest.json model.onnx /opt/ml/model/", `ENV APP_VERSION=${name}`];
    writeFileSync(join(folder, "Dockerfile"), `${[...lines, ...instructions].join("\n")}\n`);
    return reference(name, await this.docker.build(folder, `${base}-${name}`));
  }

  /** The image of a folder of examples/, as its own Dockerfile makes it. */
  async example(name: string, folder: string): Promise<string> {
    return reference(name, await buildFolder(this.docker, exampleFolder(folder), `${base}-${name}`));
  }
}

async function buildFolder(docker: Docker, folder: string, tag: string): Promise<string> {
  const missing = await provideBasesOf(folder, docker);
  if (missing !== undefined) throw new Error(missing);
  return docker.build(folder, tag);
}

/**
 * The reference of an image that is only on this machine. Its digest is the id of the image in Docker, so tasks and nodes find it
 * without a registry.
 */
export const reference = (name: string, id: string): string => `${registry}/${name}@${id}`;
