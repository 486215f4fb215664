import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Trouble {
  /** Answers this status and S3 error code instead of the object. */
  refuse?: [status: number, code: string];
  /** Breaks the connection after so many bytes of the body. */
  breakAfter?: number;
}

/** As much of S3 as GetObject needs: keys, versions, ranges, S3's error documents, and trouble when a test asks for it. */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>();
  /** What was asked for, e.g. "weights/model.onnx bytes=100-". */
  readonly asked: string[] = [];
  /** One is taken, and used up, by each request whose key ends with `key`. */
  readonly troubles: (Trouble & { key: string })[] = [];
  private readonly server: Server = createServer((request, response) => this.answer(request, response));

  /** Its address as the AWS SDK's own variables give it. */
  async start(): Promise<Record<string, string>> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    return {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
    };
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://s3");
    const key = decodeURIComponent(url.pathname.slice("/bucket/".length));
    const version = url.searchParams.get("versionId");
    const { range } = request.headers;
    this.asked.push([key, version && `@${version}`, range].filter(Boolean).join(" "));
    const trouble = this.takeTrouble(key);
    const whole = this.objects.get(version ? `${key}@${version}` : key);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    if (trouble?.refuse) refuse(response, ...trouble.refuse);
    else if (!whole) refuse(response, 404, version ? "NoSuchVersion" : "NoSuchKey");
    else if (range && from >= whole.length) refuse(response, 416, "InvalidRange");
    else send(response, whole.subarray(from), range !== undefined, trouble?.breakAfter);
  }

  private takeTrouble(key: string): Trouble | undefined {
    const place = this.troubles.findIndex((trouble) => key.endsWith(trouble.key));
    return place < 0 ? undefined : this.troubles.splice(place, 1)[0];
  }
}

function send(response: ServerResponse, body: Buffer, partial: boolean, breakAfter: number | undefined): void {
  response.writeHead(partial ? 206 : 200, { "content-length": body.length, etag: '"x"' });
  if (breakAfter === undefined) response.end(body);
  // What has arrived must reach the disk first, or a busy machine would resume from an earlier byte.
  else response.write(body.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 1_500));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
