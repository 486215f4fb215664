import { type Dispatcher, request } from "undici";
import { reasonOf } from "../../components/core/reason";
import { UserError } from "../cli/user-error";
import { type Lane, targetOf } from "./lanes";
import { answerLimitMs, type RequestTemplate } from "./requests";
import { isWell } from "./summary";

const longestShown = 200;

const advice = [
  "The first request must be answered with 2xx, otherwise no load is sent.",
  "--path, --body, --file, --form and --requests choose the request.",
];

/** Sends one request to each lane before the load: a wrong path would count as errors until the end. Returns the bytes of an answer. */
export async function sendFirst(
  lanes: readonly Lane[],
  url: URL,
  [template]: readonly RequestTemplate[],
): Promise<number> {
  if (template === undefined) throw new Error("a load has no requests");
  const answers = await Promise.all(lanes.map((lane) => answerOf(lane, url, template)));
  const faults = answers.flatMap(({ fault }, index) => {
    if (fault === undefined) return [];
    return [lanes.length > 1 ? `${lanes[index]?.name}: ${fault}` : fault];
  });
  if (faults.length === 0) return Math.max(...answers.map(({ bytes }) => bytes));
  throw new UserError([...faults, ...advice].join("\n"));
}

interface FirstAnswer {
  readonly bytes: number;
  readonly fault?: string;
}

async function answerOf(lane: Lane, url: URL, template: RequestTemplate): Promise<FirstAnswer> {
  const { url: address, method, headers, body } = targetOf(lane, url, template);
  const name = `${template.method} ${address.pathname}`;
  const type = body && { "content-type": body.type };
  try {
    const answer = await request(address, {
      // As in requests.ts.
      method: method as Dispatcher.HttpMethod,
      headers: { ...headers, ...type },
      body: body?.bytes,
      headersTimeout: answerLimitMs,
      bodyTimeout: answerLimitMs,
    });
    const content = Buffer.from(await answer.body.arrayBuffer());
    if (isWell({ status: answer.statusCode })) return { bytes: headerBytes(answer.headers) + content.length };
    return { bytes: 0, fault: `${name} answered ${answer.statusCode}${firstLine(content.toString())}` };
  } catch (error) {
    return { bytes: 0, fault: `${name} was not answered: ${reasonOf(error)}` };
  }
}

const headerBytes = (headers: object) =>
  Object.entries(headers).reduce(
    (sum, [name, value]) => sum + `${name}: ${value}\r\n`.length,
    "HTTP/1.1 200 OK\r\n\r\n".length,
  );

function firstLine(text: string): string {
  const [line = ""] = text.trim().split("\n", 1);
  // A server's answer must not steer the terminal.
  const shown = line.replace(/\p{Cc}/gu, "").slice(0, longestShown);
  return shown === "" ? "" : `: ${shown}`;
}
