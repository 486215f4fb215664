import { randomBytes } from "node:crypto";
import { serve } from "./provider";
import { isRecord, nameOf, type Properties, typeOf } from "./values";

const metadataOf = (inputs: Properties): Properties => (isRecord(inputs.metadata) ? inputs.metadata : {});

serve("kubernetes", {
  realise: (urn, inputs, _account, existing) => {
    const given = metadataOf(inputs);
    const name =
      given.name ?? metadataOf(existing?.outputs ?? {}).name ?? `${nameOf(urn)}-${randomBytes(4).toString("hex")}`;
    const isInNamespace = !["Namespace", "NodePool", "ClusterRole"].includes(typeOf(urn).split(":").pop() ?? "");
    const namespace = isInNamespace ? { namespace: given.namespace ?? "default" } : {};
    const metadata = { ...given, ...namespace, name };
    return { id: isInNamespace ? `${metadata.namespace}/${name}` : String(name), outputs: { metadata } };
  },
  replacedBy: (_type, changed) => changed.filter((key) => key === "apiVersion" || key === "kind"),
});
