import { request } from "node:http";

/** Sends a request but for its last byte, so that it is under way for as long as a test wants. */
export class LateRequest {
  private constructor(
    private readonly last: Buffer,
    private readonly sent: ReturnType<typeof request>,
    private readonly answer: Promise<number | string>,
  ) {}

  static async start(url: string, headers: Record<string, string>, body: Buffer): Promise<LateRequest> {
    const sent = request(url, { method: "POST", headers: { ...headers, "content-length": body.length } });
    const answer = new Promise<number | string>((resolve) => {
      sent.on("error", (error) => resolve(error.message));
      sent.on("response", (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
        response.on("error", (error) => resolve(error.message));
      });
    });
    await new Promise<void>((resolve) => sent.write(body.subarray(0, -1), () => resolve()));
    return new LateRequest(body.subarray(-1), sent, answer);
  }

  /** Sends the rest. Resolves with the status, or with the reason why there is none. */
  finish(): Promise<number | string> {
    this.sent.end(this.last);
    return this.answer;
  }
}
