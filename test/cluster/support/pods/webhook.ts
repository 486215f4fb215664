import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { controllers } from "../../../../components/eks-service/controller";
import { runCommand } from "../../../../tools/start/command";
import type { KubernetesClient } from "../../../fakes/kubernetes-client";

interface AdmissionRequest {
  readonly uid: string;
  readonly namespace: string;
  readonly object: {
    readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec: { readonly readinessGates?: readonly { readonly conditionType: string }[] };
  };
}

/** The gates that a new pod with these labels gets. */
type GatesOf = (namespace: string, labels: Readonly<Record<string, string>>) => Promise<readonly string[]>;

const name = "readiness-gates.test";

/** A mutating webhook, called by the API server for each new pod in a namespace with Auto Mode's label. */
export class Webhook {
  private constructor(private readonly server: Server) {}

  static async start(kube: KubernetesClient, gatesOf: GatesOf): Promise<Webhook> {
    const { key, cert } = await certificate();
    const server = createServer({ key, cert }, (request, response) => {
      text(request)
        .then((body) => review(JSON.parse(body).request, gatesOf))
        .then((answer) => response.setHeader("content-type", "application/json").end(JSON.stringify(answer)))
        // Without an answer, the API server refuses the pod, and its ReplicaSet tries again.
        .catch(() => response.destroy());
    });
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    const webhook = new Webhook(server);
    const { status, body } = await kube.apply(webhook.configuration(cert), "webhook");
    if (status >= 400) throw new Error(`the webhook of the readiness gates: ${body.message}`);
    return webhook;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private configuration(cert: Buffer) {
    const { port } = this.server.address() as AddressInfo;
    return {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name },
      webhooks: [
        {
          name: `pods.${name}`,
          admissionReviewVersions: ["v1"],
          sideEffects: "None",
          failurePolicy: "Fail",
          namespaceSelector: { matchLabels: { [controllers.auto.readinessLabel]: "enabled" } },
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
          clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: cert.toString("base64") },
        },
      ],
    };
  }
}

async function review({ uid, namespace, object }: AdmissionRequest, gatesOf: GatesOf) {
  const { readinessGates = [] } = object.spec;
  const gates = await gatesOf(namespace, object.metadata.labels ?? {});
  const added = gates.filter((gate) => !readinessGates.some(({ conditionType }) => conditionType === gate));
  const value = [...readinessGates, ...added.map((conditionType) => ({ conditionType }))];
  const patch = Buffer.from(JSON.stringify([{ op: "add", path: "/spec/readinessGates", value }])).toString("base64");
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid, allowed: true, ...(added.length > 0 && { patchType: "JSONPatch", patch }) },
  };
}

/** A certificate of 127.0.0.1, which is its own authority. */
async function certificate(): Promise<{ key: Buffer; cert: Buffer }> {
  const folder = mkdtempSync(join(tmpdir(), "webhook-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  try {
    await runCommand("openssl", ["req", "-x509", ...kind, ...subject, "-keyout", key, "-out", cert], {
      limitSeconds: 30,
    });
    return { key: await readFile(key), cert: await readFile(cert) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
