import { allowedFor, byLicence } from "../sbom/licences";
import { openvinoParts } from "../sbom/openvino";
import { imageFiles, imagePackages, programPackages, type Shipped } from "../sbom/shipped";
import { table } from "./table";

/** The licences of everything shipped. Names appear where a licence needs a reason, so that an update of a package rarely changes it. */
export function licenceTable(): string {
  const image = imagePackages("onnxruntime");
  const added = imagePackages("openvino").filter(({ name }) => !image.some((one) => one.name === name));
  const parts: readonly (readonly [string, readonly Shipped[]])[] = [
    ["program", programPackages()],
    ["image", image],
    ["`RUNTIME=openvino`", [...added, ...openvinoParts()]],
    ["models and photos", imageFiles()],
  ];
  const all = byLicence(parts.flatMap(([, shipped]) => shipped)).sort(([one], [other]) => (one < other ? -1 : 1));
  const rows = all.map(([licence, those]) => {
    const where = parts.filter(([, shipped]) => shipped.some((one) => those.includes(one))).map(([name]) => name);
    const reasons = Object.entries(allowedFor).filter(([name]) => licence.includes(name));
    const names = [...new Set(those.map(({ name }) => `\`${name}\``))].join(", ");
    return [licence, where.join(", "), reasons.map(([, reason]) => `${names}: ${reason}`).join("; ")];
  });
  return table(["Licence", "In", "Why it may be shipped"], rows);
}
