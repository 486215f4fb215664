import type { RunningContainer } from "../../container/running-container";
import type { Check } from "../context";
import { type Finding, ok, problem, warning } from "../finding";

/** ECS asks nothing over HTTP itself: without this command only the load balancer does. */
export const healthCommand: Check = {
  name: "health cmd",
  needsServer: true,
  async run({ server: { container, port, path }, spec, adopted }) {
    const liveness = spec.paths.liveness ?? path;
    const url = `http://127.0.0.1:${port}${adopted.livenessPath ?? liveness}`;
    if (spec.healthCommand === undefined) return [await withoutCommand(container, url)];
    const works = await succeeds(container, spec.healthCommand);
    if (works) return [ok(`healthCommand works inside: ${spec.healthCommand[0]}.`)];
    const command = await workingCommand(container, url);
    const text = `healthCommand fails inside, so ECS would replace every task: ${spec.healthCommand[0]} is missing or gets no 2xx.`;
    if (command) return [problem(text, { "container.healthCommand": command })];
    return [problem(`${text} No client of ${clients.map(([name]) => name).join(", ")} works. Set livenessPath: none.`)];
  },
};

async function withoutCommand(container: RunningContainer, url: string): Promise<Finding> {
  const command = await workingCommand(container, url);
  if (command === undefined)
    return ok("No healthCommand, and no client in the image. ECS relies on the load balancer's check alone.");
  return warning("No healthCommand. With one ECS replaces a task that hangs.", { "container.healthCommand": command });
}

const clients: readonly (readonly [name: string, command: (url: string) => readonly string[]])[] = [
  ["python3", (url) => ["python3", "-c", `import urllib.request; urllib.request.urlopen("${url}", timeout=4)`]],
  ["curl", (url) => ["curl", "--fail", "--silent", "--max-time", "4", "--output", "/dev/null", url]],
  ["wget", (url) => ["wget", "-q", "-T", "4", "-O", "/dev/null", url]],
  [
    "node",
    (url) => ["node", "-e", `fetch("${url}").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`],
  ],
];

async function workingCommand(container: RunningContainer, url: string): Promise<readonly string[] | undefined> {
  for (const [, command] of clients) if (await succeeds(container, command(url))) return command(url);
  return undefined;
}

const succeeds = (container: RunningContainer, command: readonly string[]) =>
  container.execute(...command).then(
    () => true,
    () => false,
  );
