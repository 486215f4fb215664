import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ourContext } from "../../components/core/build";
import { projectFolder } from "../stack/file";
import type { Shipped } from "./shipped";

/** Whose licence files, and whose symbols, said what the libraries contain. */
const licencesReadOf = "2026.4.1";

/** What the wheel's libraries are, and the works that are linked into each. */
const contents: Readonly<Record<string, readonly Shipped[]>> = {
  openvino: [
    { name: "pugixml", licence: "MIT" },
    { name: "xbyak", licence: "BSD-3-Clause" },
    { name: "ittapi", licence: "BSD-3-Clause" },
    { name: "nlohmann-json", licence: "MIT" },
  ],
  openvino_c: [],
  openvino_intel_cpu_plugin: [
    { name: "oneDNN", licence: "Apache-2.0" },
    { name: "onnxruntime-mlas", licence: "MIT" },
  ],
  openvino_onnx_frontend: [
    { name: "onnx", licence: "Apache-2.0" },
    { name: "protobuf", licence: "BSD-3-Clause" },
    { name: "abseil-cpp", licence: "Apache-2.0" },
  ],
  tbb: [{ name: "oneTBB", licence: "Apache-2.0" }],
};

/** The Python wheel whose libraries the build argument RUNTIME=openvino adds. */
export interface Wheel {
  readonly version: string;
  readonly sha256: string;
  /** Their names without lib and .so. */
  readonly libraries: readonly string[];
}

const read = (file: string) => readFileSync(join(projectFolder, ourContext, "openvino", file), "utf8");

export function openvinoWheel(requirements = read("requirements.txt"), script = read("install.sh")): Wheel {
  const [, version = "", sha256 = ""] = /^openvino==(\S+) --hash=sha256:(\w+)$/m.exec(requirements) ?? [];
  const libraries = /^for library in (.+); do$/m.exec(script)?.[1]?.split(" ") ?? [];
  if (version === "" || libraries.length === 0)
    throw new Error("app/openvino names no version of OpenVINO, or no library");
  return { version, sha256, libraries };
}

/** The wheel and all that its libraries contain. Their licences count only for the version of which they were read. */
export function openvinoParts({ version, libraries }: Wheel = openvinoWheel()): Shipped[] {
  const parts = libraries.flatMap((library) => contents[library] ?? [{ name: library, licence: "not read" }]);
  const licence = version === licencesReadOf ? "Apache-2.0" : `not read: tools/sbom/openvino.ts has ${licencesReadOf}`;
  return [{ name: "openvino", version, licence }, ...parts];
}

/** As a component of CycloneDX: the wheel, and in it the libraries and what they contain. */
export function openvinoComponent(wheel: Wheel = openvinoWheel()) {
  const [own, ...parts] = openvinoParts(wheel);
  const purl = `pkg:pypi/openvino@${wheel.version}`;
  const licensed = ({ name, licence }: Shipped) => ({ name, licenses: [{ license: { id: licence } }] });
  return {
    type: "library",
    "bom-ref": purl,
    ...licensed(own ?? { name: "openvino", licence: "not read" }),
    version: wheel.version,
    purl,
    hashes: [{ alg: "SHA-256", content: wheel.sha256 }],
    components: [
      ...wheel.libraries.map((library) => ({ type: "file", name: `openvino/lib/lib${library}.so` })),
      ...parts.map((part) => ({ type: "library", ...licensed(part) })),
    ],
  };
}
