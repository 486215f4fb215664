import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface AwsAnswer {
  readonly status?: number;
  readonly body: string;
}

type Answers = Readonly<Record<string, AwsAnswer | ((form: URLSearchParams) => AwsAnswer)>>;

/** An AWS service on this machine that answers each action, as the SDK names it, until the test is over. */
export async function withAws<T>(
  answers: Answers,
  test: (url: string, asked: readonly string[]) => Promise<T>,
): Promise<T> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const action =
      String(request.headers["x-amz-target"] ?? "")
        .split(".")
        .pop() || new URLSearchParams(body).get("Action");
    asked.push(`${action} ${body}`);
    const given = answers[action ?? ""] ?? { status: 400, body: '{"__type":"UnknownOperationException"}' };
    const answer = typeof given === "function" ? given(new URLSearchParams(body)) : given;
    response.writeHead(answer.status ?? 200).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await test(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
