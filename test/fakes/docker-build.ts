import { createHash } from "node:crypto";
import { serve } from "./provider";
import { isRecord, stringsIn } from "./values";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

serve("docker-build", {
  realise: (urn, inputs) => {
    if (!urn.includes("docker-build:index:Image")) throw new Error(`${urn}: the fake provider builds images only`);
    const tags = stringsIn(inputs.tags);
    // The tag contains a hash of the content, so the digest is made from the tag.
    const digest = `sha256:${sha256(JSON.stringify([tags.map((tag) => tag.split(":").pop()), inputs.platforms]))}`;
    const [repository] = tags[0]?.split(":") ?? [];
    const outputs = {
      digest,
      ref: `${repository}@${digest}`,
      contextHash: sha256(JSON.stringify(inputs.context ?? "")),
    };
    return { id: digest, outputs };
  },
  refuses: (op, subject, account) => {
    if (op === "delete" || subject.inputs.push !== true) return undefined;
    const repositories = account.of("aws:ecr/repository:Repository").map((one) => String(one.outputs.repositoryUrl));
    const stray = stringsIn(subject.inputs.tags).find((tag) => !repositories.includes(tag.split(":")[0] ?? ""));
    if (stray !== undefined) return `name unknown: no repository for ${stray} in this registry`;
    const tags = account.of("docker-build:index:Image").flatMap(({ inputs }) => stringsIn(inputs.tags));
    const taken = stringsIn(subject.inputs.tags).find((tag) => op === "create" && tags.includes(tag));
    if (taken !== undefined) return `tag invalid: ${taken} already exists, and the repository's tags are immutable`;
    const signedIn = Array.isArray(subject.inputs.registries)
      ? subject.inputs.registries.some((one) => isRecord(one) && typeof one.password === "string")
      : false;
    return signedIn ? undefined : "no basic auth credentials: the push has no registry password";
  },
});
