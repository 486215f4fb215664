import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TargetAddress } from "./load-balancer";

let started = 0;

/** An HTTP server at an address of its own that answers with its name. `/health` answers with `health`. */
export class FakeTarget {
  health = 200;
  readonly checks: IncomingMessage[] = [];
  readonly requests: IncomingMessage[] = [];
  /** Of the clients of `requests`. */
  readonly ports: (number | undefined)[] = [];

  private constructor(
    readonly server: Server,
    readonly address: TargetAddress,
  ) {}

  static async start(
    name: string,
    respond: RequestListener = (_, response) => response.end(name),
  ): Promise<FakeTarget> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    started = (started + 1) % 250;
    const ip = `127.0.1.${started + 1}`;
    server.listen(0, ip);
    await once(server, "listening");
    const target = new FakeTarget(server, { ip, port: (server.address() as AddressInfo).port });
    server.on("request", (request, response) => {
      if (request.headers["user-agent"] === "ELB-HealthChecker/2.0") {
        target.checks.push(request);
        if (target.health === 0) return;
        response.writeHead(target.health).end();
        return;
      }
      target.requests.push(request);
      target.ports.push(request.socket.remotePort);
      respond(request, response);
    });
    return target;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
