import { connect } from "node:net";
import type { PresetName } from "../../../components/core/presets";
import type { Check, Context, Server } from "../context";
import { type Finding, notChecked, ok, problem } from "../finding";

/** How long an idle connection stays open: until the server closes it, or longer than was waited. */
export type IdleConnection =
  | { readonly closedAfterSeconds: number }
  | { readonly keptSeconds: number }
  | "no keep-alive";

/** Beyond the load balancer's own limit. */
const marginSeconds = 5;
const headroomSeconds = 15;

export const keepAlive: Check = {
  name: "keep-alive",
  needsServer: true,
  async run(context) {
    const { server, spec, image, plan } = context;
    const idle = await idleConnection(server, spec.idleSeconds + marginSeconds).catch(() => undefined);
    if (idle === undefined || !(await server.container.isRunning()))
      return [notChecked("The container ended meanwhile.")];
    return [keepAliveFinding(idle, { spec, image, preset: plan.settings.container.preset })];
  },
};

interface Known {
  readonly spec: Pick<Context["spec"], "idleSeconds">;
  readonly image: Pick<Context["image"], "command">;
  readonly preset: PresetName;
}

/** The load balancer sends a request on a connection that the server just closed, and answers 502 (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html). */
export function keepAliveFinding(idle: IdleConnection, known: Known): Finding {
  const { idleSeconds } = known.spec;
  if (idle === "no keep-alive") return ok("It closes each connection after its answer: no 502, but slower answers.");
  if ("keptSeconds" in idle)
    return ok(
      `An idle connection stays open for more than ${idleSeconds} s, the load balancer's container.idleSeconds.`,
    );
  const text = `It closes an idle connection after ${Math.round(idle.closedAfterSeconds)} s, and the load balancer keeps it for container.idleSeconds, ${idleSeconds} s: callers get 502 now and then.`;
  const { advice, set } = longerKeepAlive(known, idleSeconds + headroomSeconds);
  return problem(`${text} ${advice}`, set);
}

interface Advice {
  readonly advice: string;
  readonly set?: Readonly<Record<string, string>>;
}

/** Each server's own switch, as a variable where it has one. */
function longerKeepAlive({ image: { command }, preset }: Known, seconds: number): Advice {
  const words = command.join(" ");
  const flagged = /--(timeout-)?keep-alive/.test(words);
  if (preset === "vllm") return byVariable("VLLM_HTTP_TIMEOUT_KEEP_ALIVE", String(seconds));
  if (words.includes("uvicorn"))
    // https://www.uvicorn.org/settings: an option of the command line wins over its variable.
    return flagged
      ? { advice: `Raise uvicorn --timeout-keep-alive to ${seconds}.` }
      : byVariable("UVICORN_TIMEOUT_KEEP_ALIVE", String(seconds));
  if (words.includes("gunicorn"))
    // https://docs.gunicorn.org/en/stable/settings.html: the command line wins over GUNICORN_CMD_ARGS.
    return flagged
      ? { advice: `Raise gunicorn --keep-alive to ${seconds}.` }
      : byVariable("GUNICORN_CMD_ARGS", `--keep-alive ${seconds}`);
  if (words.includes("waitress")) return { advice: `Raise waitress --channel-timeout to ${seconds}.` };
  if (/\bnode\b/.test(words)) return { advice: `Set server.keepAliveTimeout = ${seconds * 1000}.` };
  if (preset === "fastapi") return { advice: `Raise timeout_keep_alive of uvicorn to ${seconds}.` };
  return { advice: `Keep idle connections for ${seconds} s in the server.` };
}

const byVariable = (name: string, value: string) => ({
  advice: `Its variable ${name} keeps it longer.`,
  set: { [`environment.${name}`]: value },
});

/** Sends one request and then nothing. */
export function idleConnection(
  { url, path }: Pick<Server, "url" | "path">,
  limitSeconds: number,
): Promise<IdleConnection> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    let answeredMs = 0;
    const end = (result: IdleConnection) => {
      socket.destroy();
      resolve(result);
    };
    socket.on("connect", () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`));
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
      answeredMs = performance.now();
      // The time counts from the last byte of the answer.
      socket.setTimeout(limitSeconds * 1000, () => end({ keptSeconds: limitSeconds }));
    });
    socket.on("error", (error) => (answeredMs === 0 ? reject(error) : end(closed(text, answeredMs))));
    socket.on("close", () => end(closed(text, answeredMs)));
  });
}

function closed(text: string, answeredMs: number): IdleConnection {
  const [head = ""] = text.split("\r\n\r\n", 1);
  if (/^HTTP\/1\.0/.test(head) || /^connection:\s*close\s*$/im.test(head)) return "no keep-alive";
  return { closedAfterSeconds: (performance.now() - answeredMs) / 1000 };
}
