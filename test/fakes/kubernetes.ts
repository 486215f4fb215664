import { randomBytes } from "node:crypto";
import { deploymentType, scaleTarget } from "./autoscaler";
import { refusesPods } from "./pod-admission";
import { serve } from "./provider";
import { isRecord, nameOf, type Properties, typeOf } from "./values";

const metadataOf = (inputs: Properties): Properties => (isRecord(inputs.metadata) ? inputs.metadata : {});

const clusterScoped = /:(Namespace|NodePool|ValidatingAdmissionPolicy|ValidatingAdmissionPolicyBinding)$/;

serve("kubernetes", {
  realise: (urn, inputs, account, existing) => {
    if (typeOf(urn).endsWith(":HorizontalPodAutoscaler")) scaleTarget(inputs, account);
    const given = metadataOf(inputs);
    const name =
      given.name ?? metadataOf(existing?.outputs ?? {}).name ?? `${nameOf(urn)}-${randomBytes(4).toString("hex")}`;
    const isInNamespace = !clusterScoped.test(typeOf(urn));
    const namespace = isInNamespace ? { namespace: given.namespace ?? "default" } : {};
    const metadata = { ...given, ...namespace, name };
    return { id: isInNamespace ? `${metadata.namespace}/${name}` : String(name), outputs: { metadata } };
  },
  refuses: (op, subject, account) =>
    op !== "delete" && subject.type === deploymentType ? refusesPods(subject, account) : undefined,
  // The API accepts every Deployment; its rollout shows whether the pods run.
  rollsBack: (_subject, { does, message = "" }) => (does === "failDeployment" ? message : undefined),
  replacedBy: (_type, changed) => changed.filter((key) => key === "apiVersion" || key === "kind"),
});
