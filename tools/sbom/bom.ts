import { spawnSync } from "node:child_process";
import { ourContext } from "../../components/core/build";
import { npmJson } from "../cli/npm";
import { UserError } from "../cli/user-error";
import { openvinoComponent } from "./openvino";
import { imageFiles, imagePackages, type Runtime } from "./shipped";

/** A bill of materials (https://cyclonedx.org/docs/1.6/json/), as far as it is changed here. */
interface Bom {
  readonly metadata: { readonly component: object };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly "bom-ref"?: string;
  readonly type: string;
  readonly name: string;
  readonly version?: string;
  readonly licenses?: readonly object[];
  readonly purl?: string;
}

/** The packages of the program. */
export const programBom = (): string => written(npmBom("."));

/** The image: npm packages, OpenVINO, models, labels and photos, and with a built image also Debian's packages and Node. */
export function imageBom(image: string | undefined, runtime: Runtime): string {
  const bom = npmBom(ourContext);
  const installed = new Set(imagePackages(runtime).map(({ name, version }) => `${name}@${version}`));
  const packages = bom.components.filter(({ name, version }) => installed.has(`${name}@${version}`));
  const left = new Set(bom.components.filter((one) => !packages.includes(one)).map((one) => one["bom-ref"]));
  const dependencies = bom.dependencies
    .filter(({ ref }) => !left.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => !left.has(one)) }));
  const files = imageFiles().map(({ name, licence }) => ({
    type: name.endsWith("/model") ? "machine-learning-model" : "file",
    name,
    licenses: [{ license: /^[\w.-]+$/.test(licence) ? { id: licence } : { name: licence } }],
  }));
  const system = image === undefined ? [] : systemOf(image);
  const component = { ...bom.metadata.component, type: "container" };
  return written({
    ...bom,
    metadata: { ...bom.metadata, component },
    components: [...packages, ...(runtime === "openvino" ? [openvinoComponent()] : []), ...files, ...system],
    dependencies,
  });
}

/** npm writes version 1.5, whose fields 1.6 has as well. */
function npmBom(folder: string): Bom {
  const found = npmJson(folder, "sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only");
  const { metadata, components, message } = Object(found) as Partial<Bom> & { readonly message?: string };
  if (!metadata || !components)
    throw new UserError(`npm sbom printed nothing for ${folder}: ${message ?? "it needs npm 9.9 or newer"}`);
  return { ...(found as Bom), metadata, components };
}

/** Without the number and the time that npm makes up, so that the same packages give the same file. */
function written(bom: Bom): string {
  const { serialNumber: _number, ...kept } = bom as Bom & { serialNumber?: string };
  const { timestamp: _time, ...metadata } = bom.metadata as Bom["metadata"] & { timestamp?: string };
  const versioned = {
    ...kept,
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    specVersion: "1.6",
    metadata,
  };
  return `${JSON.stringify(versioned, undefined, 2)}\n`;
}

const listing = [
  "node -p '\"node \" + process.versions.node'",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the format is dpkg's
  "dpkg-query -W -f '${Package} ${Version} ${Architecture}\\n'",
].join("; ");

/** What a built image contains: its build argument is not in it. */
export const runtimeOf = (image: string): Runtime =>
  printedIn(image, "ls openvino/lib/libopenvino_c.so* 2>/dev/null || true") === "" ? "onnxruntime" : "openvino";

/** The licences of Debian's packages are in the image, in /usr/share/doc. */
const systemOf = (image: string) => printedIn(image, listing).split("\n").map(systemComponent);

function printedIn(image: string, command: string): string {
  const args = ["run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", command];
  const { stdout, stderr, status, error } = spawnSync("docker", args, { encoding: "utf8", timeout: 120_000 });
  if (status !== 0)
    throw new UserError(`docker could not list the packages of ${image}: ${error?.message ?? stderr.trim()}`);
  return stdout.trim();
}

function systemComponent(line: string): Component {
  const [name = "", version = "", architecture] = line.split(" ");
  if (architecture === undefined) return { type: "application", name, version, purl: `pkg:generic/node@${version}` };
  const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
  return { type: "library", name, version, purl };
}
