import { connect, type Socket } from "node:net";

/** A connection that sends exactly the bytes it is told to, and keeps what comes back. */
export class RawClient {
  received = "";
  readonly socket: Socket;
  private readonly over: Promise<void>;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (chunk) => {
      this.received += chunk.toString("latin1");
    });
    this.over = new Promise((resolve) => this.socket.once("close", () => resolve()));
    // A reset shows as a close too; what had arrived by then is what a test looks at.
    this.socket.on("error", () => undefined);
  }

  send(content: string | Buffer): this {
    this.socket.write(content);
    return this;
  }

  closed(): Promise<void> {
    return this.over;
  }

  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.socket.destroyed) throw new Error(`closed without "${text}" after: ${this.received}`);
      await new Promise((resolve) => this.socket.once("data", resolve).once("close", resolve));
    }
    return this.received;
  }
}
