import { randomUUID } from "node:crypto";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

interface Query {
  readonly queryDefinitionId: string;
  readonly name: string;
  readonly queryString: string;
  readonly logGroupNames?: readonly string[];
}

/** CloudWatch Logs as far as the emulator has it, and in front of it the saved queries, which it lacks. */
export class LogsWithSavedQueries {
  private readonly queries = new Map<string, Query>();
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: Error) => response.destroy(error));
  });

  constructor(
    private readonly port: number,
    private readonly emulator: string,
  ) {
    // It must not keep a test run alive by itself.
    this.server.listen(port, "127.0.0.1").unref();
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const action = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const own = this.actions[action];
    if (!own) return this.passOn(request, body, response);
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(own(JSON.parse(body.toString()))));
  }

  private readonly actions: Readonly<Record<string, (asked: Partial<Query>) => unknown>> = {
    PutQueryDefinition: (asked) => {
      const queryDefinitionId = asked.queryDefinitionId ?? randomUUID();
      this.queries.set(queryDefinitionId, { ...(asked as Query), queryDefinitionId });
      return { queryDefinitionId };
    },
    DescribeQueryDefinitions: () => ({ queryDefinitions: [...this.queries.values()] }),
    DeleteQueryDefinition: ({ queryDefinitionId = "" }) => ({ success: this.queries.delete(queryDefinitionId) }),
  };

  private passOn({ method, url, headers }: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const onward = forward(`${this.emulator}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", (error) => response.destroy(error));
    onward.end(body);
  }
}
