import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Comment {
  readonly id: number;
  body: string;
}

/** The comments of one pull request, as GitHub's API keeps them. */
export class FakeGitHub {
  readonly comments: Comment[] = [];
  readonly requests: string[] = [];
  private readonly server: Server;

  private constructor(token: string) {
    this.server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = "", url = "", headers } = request;
      this.requests.push(`${method} ${url}`);
      const isKnown = headers.authorization === `Bearer ${token}`;
      const answer = isKnown ? this.answer(method, url, Buffer.concat(chunks).toString()) : undefined;
      response.writeHead(answer === undefined ? (isKnown ? 404 : 403) : 200).end(JSON.stringify(answer ?? {}));
    });
  }

  static async start(token: string): Promise<FakeGitHub> {
    const github = new FakeGitHub(token);
    await new Promise<void>((resolve) => github.server.listen(0, "127.0.0.1", resolve));
    return github;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(method: string, url: string, body: string): unknown {
    const { pathname, searchParams } = new URL(url, this.url);
    if (method === "GET" && pathname === "/repos/acme/shop/issues/7/comments") {
      const perPage = Number(searchParams.get("per_page"));
      const from = (Number(searchParams.get("page")) - 1) * perPage;
      return this.comments.slice(from, from + perPage);
    }
    if (method === "POST" && pathname === "/repos/acme/shop/issues/7/comments") {
      const added = { id: this.comments.length + 1, body: (JSON.parse(body) as Comment).body };
      this.comments.push(added);
      return added;
    }
    const [, id] = /^\/repos\/acme\/shop\/issues\/comments\/(\d+)$/.exec(pathname) ?? [];
    const found = this.comments.find((comment) => comment.id === Number(id));
    if (method !== "PATCH" || found === undefined) return undefined;
    found.body = (JSON.parse(body) as Comment).body;
    return found;
  }
}
