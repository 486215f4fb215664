import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerDefinition, Service } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describeStop } from "../../components/aws/ecs";
import { type Engine, findEngine } from "../container/support/engine";
import { Emulator, emulatorIsMissing } from "../emulator/support/emulator";
import { buildBusyboxImage, missingBusybox } from "./support/busybox-image";
import { EcsAccount } from "./support/ecs-account";
import { elbActions, LoadBalancer } from "./support/load-balancer";
import { Tasks } from "./support/tasks";
import { labelFilter } from "./support/tasks/clean-up";

const registry = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const delaySeconds = 2;
const limitSeconds = 60;

describe("Tasks", function () {
  this.timeout(120_000);
  const versions = new Map<string, string>();
  let engine: Engine;
  let image: string;
  let emulator: Emulator;
  let balancer: LoadBalancer;
  /** When an address was deregistered. */
  const deregistered = new Map<string, number>();
  let tasks: Tasks;
  let account: EcsAccount;

  before(async function () {
    this.timeout(300_000);
    const missing = emulatorIsMissing() ?? missingBusybox();
    const found = missing === undefined ? await findEngine() : { missing };
    if ("missing" in found) {
      console.log(`    skipped: ${found.missing}`);
      return this.skip();
    }
    engine = found;
    image = await buildBusyboxImage(engine.docker);
    emulator = await Emulator.start(async (endpoint) => {
      balancer = await LoadBalancer.start(new ElasticLoadBalancingV2Client(endpoint.client), versions);
      tasks = await Tasks.start({ emulator: endpoint, docker: engine.docker, balancer: timed(balancer), versions });
      return { elbv2: elbActions(balancer), ecs: tasks.actions };
    });
    account = await EcsAccount.open(emulator, delaySeconds);
  });
  after(async function () {
    this.timeout(60_000);
    await tasks?.stop();
    await balancer?.stop();
    emulator?.stop();
    await engine?.stop();
  });

  const timed = (real: LoadBalancer) => ({
    register: real.register.bind(real),
    healthOf: real.healthOf.bind(real),
    deregister: (...[group, targets]: Parameters<LoadBalancer["deregister"]>) => {
      for (const { ip } of targets) deregistered.set(ip, Date.now());
      real.deregister(group, targets);
    },
  });

  /** As the program declares it: a prepared volume, a read-only root, a user without rights. */
  const definitions = (version: string, mode = "", own: Partial<ContainerDefinition> = {}): ContainerDefinition[] => [
    {
      name: "inference",
      image: `${registry}/${version}@${image}`,
      essential: true,
      portMappings: [{ containerPort: 8080, protocol: "tcp" }],
      environment: [
        { name: "VERSION", value: version },
        { name: "MODE", value: mode },
      ],
      user: "1000:1000",
      readonlyRootFilesystem: true,
      mountPoints: [{ sourceVolume: "tmp", containerPath: "/tmp", readOnly: false }],
      linuxParameters: { capabilities: { drop: ["ALL"] } },
      stopTimeout: 2,
      dependsOn: [{ containerName: "writable-paths", condition: "COMPLETE" }],
      ...own,
    },
    {
      name: "writable-paths",
      image: `${registry}/${version}@${image}`,
      essential: false,
      user: "0",
      entryPoint: ["chmod", "1777"],
      command: ["/tmp"],
      readonlyRootFilesystem: true,
      mountPoints: [{ sourceVolume: "tmp", containerPath: "/tmp", readOnly: false }],
      linuxParameters: { capabilities: { drop: ["ALL"] } },
    },
  ];
  const register = (...args: Parameters<typeof definitions>) => account.register(definitions(...args), ["tmp"]);

  async function until(name: string, what: string, isTrue: (service: Service) => boolean): Promise<Service> {
    const end = Date.now() + limitSeconds * 1000;
    for (;;) {
      const service = await account.describe(name);
      if (isTrue(service)) return service;
      if (Date.now() > end) assert.fail(`not ${what} within ${limitSeconds} s: ${await explain(service)}`);
      await sleep(100);
    }
  }
  async function explain({ serviceName: name = "", events = [] }: Service): Promise<string> {
    const stopped = await account.tasks(name, "STOPPED");
    const logs = await Promise.all(stopped.map(({ taskArn = "" }) => tasks.logOf(taskArn)));
    return [...events.map(({ message }) => message), ...stopped.map(describeStop), ...logs].join("\n");
  }
  const rollout = ({ deployments = [] }: Service) =>
    deployments.find(({ status }) => status === "PRIMARY")?.rolloutState;
  const isSteady = (service: Service) =>
    rollout(service) === "COMPLETED" &&
    service.deployments?.length === 1 &&
    service.runningCount === service.desiredCount;
  const steady = (name: string) => until(name, "steady", isSteady);

  async function start(
    name: string,
    version: string,
    count = 1,
    own: Partial<ContainerDefinition> = {},
  ): Promise<void> {
    await account.create(name, await register(version, "", own), count, 20);
    await steady(name);
  }

  async function remove(name: string): Promise<void> {
    await account.update(name, { desiredCount: 0 });
    await account.delete(name);
    await until(name, "INACTIVE", ({ status }) => status === "INACTIVE");
  }

  const answerOf = async (ip: string | undefined) => (await fetch(`http://${ip}:8080/version`)).text();

  /** Sends requests one after the other, until the returned function is called. */
  function keepAsking(): () => Promise<void> {
    let goesOn = true;
    const asking = (async () => {
      while (goesOn) await (await fetch(`${balancer.url}/version`)).text();
    })();
    return () => {
      goesOn = false;
      return asking;
    };
  }

  it("starts a task of the registered definition, and registers it once it runs", async () => {
    await start("starts", "one");
    const [task] = tasks.running("starts");
    assert.equal(task?.state, "RUNNING");
    assert.equal(await answerOf(task?.ip), "one\n");
    assert.equal(versions.get(task?.ip ?? ""), "one");
    const [described] = await account.tasks("starts", "RUNNING");
    assert.equal(described?.lastStatus, "RUNNING");
    assert.deepEqual(
      described?.containers?.map(({ name, lastStatus, exitCode }) => [name, lastStatus, exitCode]),
      [
        ["inference", "RUNNING", undefined],
        ["writable-paths", "STOPPED", 0],
      ],
    );
    const { events = [] } = await account.describe("starts");
    assert.match(events[0]?.message ?? "", /^\(service starts\) has reached a steady state\.$/);
    await remove("starts");
  });

  it("stops a task in the order of ECS: deregistered, drained, SIGTERM, and SIGKILL after the stop timeout", async () => {
    await account.create("order", await register("order", "deaf"), 1, 20);
    await steady("order");
    const [{ arn = "", ip = "" } = {}] = tasks.running("order");
    await account.update("order", { desiredCount: 0 });
    await until("order", "stopped", () => tasks.running("order").length === 0);
    const stoppedMs = Date.now();
    const signalMs = uptimeMs(await tasks.logOf(arn), "SIGTERM");
    const leftMs = deregistered.get(ip) ?? Number.NaN;
    assert.ok(signalMs - leftMs >= delaySeconds * 1000 - 50, `SIGTERM ${signalMs - leftMs} ms after deregistration`);
    // On a busy machine the container prints SIGTERM some time after it got it.
    assert.ok(
      stoppedMs - signalMs >= 1000 && stoppedMs - leftMs >= delaySeconds * 1000 + 1950,
      `ended ${stoppedMs - signalMs} ms after SIGTERM, before the stop timeout of 2 s`,
    );
    const [stopped] = await account.tasks("order", "STOPPED");
    assert.match(
      describeStop(stopped ?? {}),
      /^Scaling activity initiated by \(deployment ecs-svc\/\d+\) \(exit code 137/,
    );
    await remove("order");
  });

  it("rolls a new version with at least 100 % healthy tasks and at most 200 %, and loses no request", async () => {
    await start("rolls", "first", 2);
    const mark = balancer.answered.mark();
    const stopRequests = keepAsking();
    const counts: [running: number, healthy: number][] = [];
    await account.update("rolls", { taskDefinition: await register("second") });
    await until("rolls", "steady", (service) => {
      const healthy = balancer.healthOf(account.targetGroup).filter(({ state }) => state === "healthy").length;
      counts.push([service.runningCount ?? 0, healthy]);
      return isSteady(service);
    });
    assert.ok(
      counts.every(([running, healthy]) => running <= 4 && healthy >= 2),
      JSON.stringify(counts),
    );
    assert.ok(
      counts.some(([running]) => running > 2),
      "the new tasks started beside the old ones",
    );
    assert.deepEqual(await Promise.all(tasks.running("rolls").map(({ ip }) => answerOf(ip))), ["second\n", "second\n"]);
    await stopRequests();
    const { first, second, ...others } = balancer.answered.counts(mark);
    assert.deepEqual([Object.keys(first ?? {}), Object.keys(second ?? {}), others], [["200"], ["200"], {}]);
    await remove("rolls");
  });

  for (const [mode, reason] of [
    ["crash", /^Essential container in task exited \(exit code 3\)$/],
    ["sick", /^Task failed ELB health checks in \(target-group arn:aws:/],
  ] as const) {
    it(`rolls a deployment back whose tasks fail: ${mode}`, async () => {
      const name = `back-${mode}`;
      await start(name, "good");
      const { taskDefinition: good } = await account.describe(name);
      const [before] = tasks.running(name);
      const bad = await register("bad", mode);
      await account.update(name, { taskDefinition: bad, healthCheckGracePeriodSeconds: 0 });
      await until(name, "rolled back", (service) => service.taskDefinition === good);
      const service = await steady(name);
      const messages = service.events?.map(({ message = "" }) => message).join("\n") ?? "";
      assert.match(messages, /\(deployment ecs-svc\/\d+\) deployment failed: tasks failed to start\./);
      assert.match(messages, /rolling back to deployment ecs-svc\/\d+\./);
      assert.deepEqual(
        tasks.running(name).map(({ arn }) => arn),
        [before?.arn],
        "the old task served all the time",
      );
      const stopped = (await account.tasks(name, "STOPPED")).filter(
        ({ taskDefinitionArn }) => taskDefinitionArn === bad,
      );
      assert.ok(stopped.length >= 3 && stopped.length <= 4, `${stopped.length} tasks failed`);
      assert.match(describeStop(stopped[0] ?? {}), reason);
      await remove(name);
    });
  }

  it("fails a deployment whose image does not exist, without one to roll back to", async () => {
    const missing = `${registry}/gone@sha256:${"0".repeat(64)}`;
    const [inference = {}] = definitions("gone");
    const definition = { ...inference, image: missing, dependsOn: [], mountPoints: [] };
    await account.create("gone", await account.register([definition]), 1, 20);
    const service = await until("gone", "failed", (one) => rollout(one) === "FAILED");
    assert.match(service.deployments?.[0]?.rolloutStateReason ?? "", /circuit breaker: tasks failed to start/);
    const [stopped] = await account.tasks("gone", "STOPPED");
    assert.match(describeStop(stopped ?? {}), /^CannotPullContainerError: .*gone@sha256:0+: not found$/);
    assert.equal(service.deployments?.[0]?.failedTasks, 3);
    await remove("gone");
  });

  it("gives a volume to root alone where the image does not declare it", async () => {
    const [inference = {}] = definitions("volume", "", { dependsOn: [] });
    await account.create("volume", await account.register([inference], ["tmp"]), 1, 20);
    await until("volume", "failed", (one) => rollout(one) === "FAILED");
    const [stopped] = await account.tasks("volume", "STOPPED");
    assert.match(describeStop(stopped ?? {}), /exit code 4/);
    assert.match(await tasks.logOf(stopped?.taskArn ?? ""), /can't create directory '\/tmp\/www': Permission denied/);
    await remove("volume");
  });

  it("replaces a task that crashes, and counts to what is desired", async () => {
    await start("counts", "counts");
    const [{ arn = "" } = {}] = tasks.running("counts");
    await tasks.kill(arn);
    await until("counts", "without the crashed task", () => tasks.running("counts").every((task) => task.arn !== arn));
    await steady("counts");
    const crashed = (await account.tasks("counts", "STOPPED")).find(({ taskArn }) => taskArn === arn);
    assert.match(describeStop(crashed ?? {}), /^Essential container in task exited \(exit code 137/);
    await account.update("counts", { desiredCount: 3 });
    await until("counts", "three", (service) => service.runningCount === 3 && isSteady(service));
    await account.update("counts", { desiredCount: 1 });
    await until("counts", "one", () => tasks.running("counts").length === 1);
    assert.equal((await steady("counts")).deployments?.length, 1);
    await remove("counts");
  });

  it("takes a new strategy of capacity providers as a new deployment, and replaces a task that Spot takes back", async () => {
    await start("spot", "spot");
    const [before] = tasks.running("spot");
    const capacityProviderStrategy = [{ capacityProvider: "FARGATE_SPOT", weight: 1 }];
    await account.update("spot", { capacityProviderStrategy, forceNewDeployment: true });
    const isReplaced = () => tasks.running("spot").every(({ arn }) => arn !== before?.arn);
    await until("spot", "on Spot", (service) => isSteady(service) && isReplaced());
    const [onSpot] = await account.tasks("spot", "RUNNING");
    assert.equal(onSpot?.capacityProviderName, "FARGATE_SPOT");
    const [{ arn = "", ip = "" } = {}] = tasks.running("spot");
    const interrupted = tasks.interrupt(arn, 1);
    await until("spot", "interrupted", () => tasks.running("spot").every((task) => task.arn !== arn));
    const signalMs = uptimeMs(await tasks.logOf(arn), "SIGTERM");
    assert.ok(signalMs < (deregistered.get(ip) ?? 0), "SIGTERM came before deregistration");
    await interrupted;
    await steady("spot");
    const stopped = (await account.tasks("spot", "STOPPED")).find(({ taskArn }) => taskArn === arn);
    assert.deepEqual(
      [stopped?.stopCode, stopped?.stoppedReason],
      ["SpotInterruption", "Your Spot Task was interrupted."],
    );
    await remove("spot");
  });

  it("waits for containers that another one depends on, and passes secrets on", async () => {
    const secret = await account.secret(emulator, "token", JSON.stringify({ key: "value" }));
    const [inference = {}, preparation = {}] = definitions("depends", "", {
      secrets: [{ name: "TOKEN", valueFrom: `${secret}:key::` }],
      dependsOn: [
        { containerName: "writable-paths", condition: "SUCCESS" },
        { containerName: "sidecar", condition: "HEALTHY" },
      ],
    });
    const { image: reference, linuxParameters } = preparation;
    const sidecar: ContainerDefinition = {
      ...{ name: "sidecar", essential: false, image: reference, linuxParameters, stopTimeout: 2 },
      command: ["sh", "-c", "httpd -p 127.0.0.1:9090 -h /bin; sleep 1000"],
      healthCheck: { command: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/sh"], interval: 5 },
    };
    const definition = await account.register([inference, preparation, sidecar], ["tmp"]);
    await account.create("depends", definition, 1, 20);
    await steady("depends");
    const [{ containerId = "" } = {}] = tasks.running("depends");
    const execute = (...words: string[]) => engine.docker.run(["exec", containerId, ...words], { limitSeconds: 10 });
    assert.equal((await execute("sh", "-c", "echo $TOKEN")).trim(), "value");
    const overLoopback = await execute("wget", "-q", "-O", "-", "http://127.0.0.1:9090/sh");
    assert.match(overLoopback, /ELF/, "both containers have one network");
    await remove("depends");
  });

  it("deletes a service when its tasks have drained, and leaves no container and no volume", async () => {
    await start("deleted", "deleted");
    await account.update("deleted", { desiredCount: 0 });
    await account.delete("deleted");
    assert.equal((await account.describe("deleted")).status, "DRAINING");
    await until("deleted", "INACTIVE", ({ status }) => status === "INACTIVE");
    const left = async () => {
      const ofThese = `--filter=label=${labelFilter(tasks.owner)}`;
      const lists = [
        ["ps", "--all", "--quiet"],
        ["volume", "ls", "--quiet"],
      ];
      const found = lists.map((words) => engine.docker.run([...words, ofThese], { limitSeconds: 20 }));
      return (await Promise.all(found)).join("").trim();
    };
    for (const end = Date.now() + 10_000; (await left()) !== "" && Date.now() < end; ) await sleep(200);
    assert.equal(await left(), "");
  });
});

/** When a container printed a line with the machine's uptime. */
function uptimeMs(log: string, word: string): number {
  const printed = new RegExp(`^${word} ([\\d.]+)$`, "m").exec(log)?.[1];
  assert.ok(printed, `no line ${word} in ${log}`);
  const [now = ""] = readFileSync("/proc/uptime", "utf8").split(" ");
  return Date.now() - (Number(now) - Number(printed)) * 1000;
}
