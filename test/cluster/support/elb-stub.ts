import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { clientOf } from "../../emulator/support/endpoint";

/** A target group with the tag of a cluster, in an API that knows nothing else. A test says how its targets are. */
export class ElbStub {
  readonly group = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/stub/0123456789abcdef";
  /** Of each registered address. */
  readonly targets = new Map<string, "initial" | "healthy" | "unhealthy">();

  private readonly server = createServer((request, response) => {
    text(request).then((body) => response.end(this.answer(new URLSearchParams(body))));
  });

  static async start(): Promise<ElbStub> {
    const stub = new ElbStub();
    stub.server.listen(0, "127.0.0.1").unref();
    await once(stub.server, "listening");
    return stub;
  }

  get client(): ElasticLoadBalancingV2Client {
    return new ElasticLoadBalancingV2Client(
      clientOf(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`),
    );
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(form: URLSearchParams): string {
    const action = form.get("Action") ?? "";
    const id = form.get("Targets.member.1.Id") ?? "";
    if (action === "RegisterTargets") this.targets.set(id, "initial");
    if (action === "DeregisterTargets") this.targets.delete(id);
    return `<${action}Response><${action}Result>${this.result(action)}</${action}Result></${action}Response>`;
  }

  private result(action: string): string {
    if (action === "DescribeTags") {
      const tag = "<member><Key>eks:eks-cluster-name</Key><Value>stub</Value></member>";
      return `<TagDescriptions><member><Tags>${tag}</Tags></member></TagDescriptions>`;
    }
    const targets = [...this.targets].map(
      ([id, state]) =>
        `<member><Target><Id>${id}</Id><Port>8080</Port></Target><TargetHealth><State>${state}</State></TargetHealth></member>`,
    );
    return `<TargetHealthDescriptions>${targets.join("")}</TargetHealthDescriptions>`;
  }
}
