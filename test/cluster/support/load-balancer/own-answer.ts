import { type ServerResponse, STATUS_CODES } from "node:http";

/** An answer of the load balancer itself, as AWS writes it. */
export function ownAnswer(response: ServerResponse, status: number): void {
  const title = `${status} ${STATUS_CODES[status]}`;
  const page = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  send(response, status, { "Content-Type": "text/html" }, page);
}

export function fixedAnswer(response: ServerResponse, status: number, contentType: string, body: string): void {
  send(response, status, { "Content-Type": `${contentType}; charset=utf-8` }, body);
}

export function redirectAnswer(response: ServerResponse, status: number, location: string): void {
  send(response, status, { Location: location }, "");
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  const connection = response.shouldKeepAlive ? "keep-alive" : "close";
  const length = Buffer.byteLength(body);
  response.writeHead(status, { Server: "awselb/2.0", ...headers, "Content-Length": length, Connection: connection });
  response.end(body);
}
