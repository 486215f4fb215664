import { setTimeout as sleep } from "node:timers/promises";
import { findEngine } from "../../../container/support/engine";
import { clientOf } from "../../../emulator/support/endpoint";
import { buildBusyboxImage } from "../busybox-image";
import { reference } from "../images";
import { Tasks } from ".";

const arn = (kind: string, name: string) => `arn:aws:ecs:us-east-1:123456789012:${kind}/${name}`;
const desiredCount = 2;
const stored = {
  serviceName: "held",
  serviceArn: arn("service", "held/held"),
  clusterArn: arn("cluster", "held"),
  desiredCount,
};

/** No account: the service behind no load balancer is added here, and nothing else is read. */
const nowhere = "http://127.0.0.1:1";
const balancer = { register: () => {}, deregister: () => {}, healthOf: () => [] };

/** A process of its own for tests of interruption: it starts a service of two tasks with a volume each, prints the owner of their containers and waits. SIGUSR2 stops the tasks. */
async function main(): Promise<void> {
  const engine = await findEngine();
  if ("missing" in engine) throw new Error(engine.missing);
  const { docker } = engine;
  const image = reference("held", await buildBusyboxImage(docker));
  const emulator = { urlOf: () => nowhere, client: clientOf(nowhere) };
  const tasks = await Tasks.start({ emulator, docker, balancer, versions: new Map() });
  process.once(
    "SIGUSR2",
    () =>
      void tasks
        .stop()
        .then(engine.stop)
        .then(() => process.exit(0)),
  );
  tasks.add(stored, {
    ...{ taskDefinitionArn: arn("task-definition", "held:1"), cpu: "256", memory: "512", volumes: [{ name: "tmp" }] },
    containerDefinitions: [
      { name: "inference", image, essential: true, mountPoints: [{ sourceVolume: "tmp", containerPath: "/tmp" }] },
    ],
  });
  const running = () => tasks.running("held").filter(({ state }) => state === "RUNNING");
  while (running().length < desiredCount) await sleep(200);
  console.log(tasks.owner);
  setInterval(() => {}, 1000);
}

void main();
