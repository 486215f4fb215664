import { askWith } from "../../../components/core/container";
import type { RunningContainer } from "../../container/running-container";
import type { Check } from "../context";
import { type Finding, ok, problem, warning } from "../finding";

/** ECS asks nothing over HTTP itself: without this command only the load balancer does. */
export const healthCommand: Check = {
  name: "health cmd",
  needsServer: true,
  async run({ server: { container, port, path }, spec, plan, adopted }) {
    if (spec.paths.liveness === undefined) return [ok("Not needed: container.livenessPath is none.")];
    // With the port and the path that answer: those are in the findings above.
    const command = plan.specWith(adopted).healthCommand;
    const url = `http://127.0.0.1:${port}${adopted.livenessPath ?? path}`;
    if (command === undefined) return [await withoutCommand(container, url)];
    if (await succeeds(container, command)) return [ok(`healthCommand works inside: ${command[0]}.`)];
    const working = await workingCommand(container, url);
    const text = `healthCommand (${command[0]}) fails inside, so ECS would replace every task.`;
    if (working) return [problem(text, { "container.healthCommand": working })];
    const names = clients.map(([name]) => name).join(", ");
    return [problem(`${text} Nor does ${names} get an answer.`, { "container.livenessPath": "none" })];
  },
};

async function withoutCommand(container: RunningContainer, url: string): Promise<Finding> {
  const command = await workingCommand(container, url);
  if (command === undefined)
    return ok("No healthCommand, and no client in the image. ECS relies on the load balancer's check alone.");
  return warning("No healthCommand. With one ECS replaces a task that hangs.", { "container.healthCommand": command });
}

const clients: readonly (readonly [name: string, command: (url: string) => readonly string[]])[] = [
  ["python3", askWith.python3],
  ["curl", (url) => ["curl", "--fail", "--silent", "--max-time", "4", "--output", "/dev/null", url]],
  ["wget", (url) => ["wget", "-q", "-T", "4", "-O", "/dev/null", url]],
  ["node", askWith.node],
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
