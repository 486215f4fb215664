import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildOf, ourContext } from "../../components/core/build";
import { visibleFiles } from "../../components/core/image-content";
import { projectFolder } from "../stack/file";

/** Something that is delivered, and the licence it declares. */
export interface Shipped {
  readonly name: string;
  readonly version?: string;
  readonly licence: string;
}

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/** What the image does not install: packages for other systems and processors. */
const isForImage = ({ os, cpu, libc }: Locked) =>
  (os?.includes("linux") ?? true) &&
  (cpu?.some((name) => ["x64", "arm64"].includes(name)) ?? true) &&
  (libc?.includes("glibc") ?? true);

/** The packages that a lockfile installs without development tools. */
function packagesOf(folder: string, isShipped = (_: Locked) => true): Shipped[] {
  const lockfile = readFileSync(join(projectFolder, folder, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(lockfile) as { packages: Readonly<Record<string, Locked>> };
  return Object.entries(packages)
    .filter(([path, locked]) => path !== "" && !locked.dev && isShipped(locked))
    .map(([path, { version, license = "none declared" }]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      return { name, version, licence: license };
    });
}

/** The packages of the Pulumi program. */
export const programPackages = (): Shipped[] => packagesOf(".");

/** The values of the build argument RUNTIME. */
export const runtimes = ["onnxruntime", "openvino"] as const;
export type Runtime = (typeof runtimes)[number];

/** koffi and its binaries, which call OpenVINO: the Dockerfile removes them from an image without it. */
const isForOpenvino = ({ name }: Shipped) => name === "koffi" || name.startsWith("@koromix/");

/** The npm packages of the image. Debian's packages are not in it: only a built image has them. */
export const imagePackages = (runtime: Runtime): Shipped[] =>
  packagesOf(ourContext, isForImage).filter((one) => runtime === "openvino" || !isForOpenvino(one));

/** The models, their labels and the photos that the build sends into the image. */
export function imageFiles(): Shipped[] {
  const files = visibleFiles(buildOf(join(projectFolder, ourContext)));
  const read = (file: string) => readFileSync(join(projectFolder, ourContext, file), "utf8");
  const licences = files.filter((file) => /^models\/.*\/LICENSE-\w+\.txt$/.test(file));
  const photos = files.filter((file) => /^photos\/.*\.(webp|png|jpg)$/.test(file));
  return [
    ...licences.map((file) => ({
      name: file.replace("LICENSE-", "").replace(".txt", ""),
      licence: licenceIn(read(file)),
    })),
    ...photos.map((file) => ({ name: file, licence: licenceOfPhoto(file, read(`${dirname(file)}/LICENSES.txt`)) })),
  ];
}

function licenceIn(text: string): string {
  if (/^Apache (Software )?License,? (Version )?2\.0/.test(text.trim())) return "Apache-2.0";
  return /^MIT License/.test(text.trim()) ? "MIT" : "unknown";
}

/** "licence: public domain (README beside it)" -> public domain */
function licenceOfPhoto(file: string, text: string): string {
  const [, own = ""] = text.split(`\n${file.split("/").pop()}\n`);
  return /^ *licence: ([^(,\n]+)/m.exec(own.split("\n\n")[0] ?? "")?.[1]?.trim() ?? "unknown";
}
