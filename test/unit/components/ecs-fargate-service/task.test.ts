import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { containerOf } from "../../../../components/core/container";
import { evaluate } from "../../../../tools/offline";
import { offlineCloud } from "../../../../tools/offline/cloud";
import { ecsService } from "../../support/ecs-program";
import { declared } from "../../support/mock-cloud";
import { type ContainerDefinition, PlanUnderTest } from "../../support/plan-under-test";
import { settingsOf } from "../../support/settings";

const taskDefinition = "aws:ecs/taskDefinition:TaskDefinition";
const plan = (own: Readonly<Record<string, unknown>> = {}) => declared(() => void ecsService(own));

describe("ECS task definition", () => {
  let plain: PlanUnderTest;
  let container: ContainerDefinition;
  before(async () => {
    plain = await plan({ cpu: 512, memory: 1024 });
    container = plain.container();
  });

  it("is for Fargate, with the stack's size and architecture", async () => {
    const { inputs } = (await plan({ cpu: 2048, memory: 8192, architecture: "arm64" })).one(taskDefinition);
    assert.deepEqual([inputs.cpu, inputs.memory], ["2048", "8192"]);
    assert.deepEqual([inputs.requiresCompatibilities, inputs.networkMode], [["FARGATE"], "awsvpc"]);
    assert.deepEqual(inputs.runtimePlatform, { operatingSystemFamily: "LINUX", cpuArchitecture: "ARM64" });
  });

  it("has a different family in each stack of an account", () =>
    assert.equal(plain.one(taskDefinition).inputs.family, "inference-ecs-test"));

  it("has a family that AWS accepts, whatever the stack's name is", async () => {
    const config = { "aws:region": "eu-west-1" };
    const context = { project: "inference", stack: "v1.2", config, cloud: offlineCloud("eu-west-1") };
    const plan = new PlanUnderTest(
      await evaluate(() => void ecsService({}, { internalCallers: ["sg-0123abcd"] }), context),
    );
    assert.match(String(plan.one(taskDefinition).inputs.family), /^inference-ecs-v1-2-[0-9a-f]{6}$/);
    const zone = plan.one("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace").inputs.name;
    assert.match(String(zone), /^inference-v1-2-[0-9a-f]{6}\.internal$/);
  });

  it("runs the image by its digest, never latest", () => {
    assert.equal(container.image, "repository@sha256:0");
    assert.doesNotMatch(JSON.stringify(plain.plan), /latest/);
  });

  it("runs as a non-root user with a read-only root file system and no capabilities", () => {
    assert.match(container.user, /^[1-9]\d+:[1-9]\d+$/);
    assert.equal(container.readonlyRootFilesystem, true);
    assert.deepEqual(container.linuxParameters, { initProcessEnabled: true, capabilities: { drop: ["ALL"] } });
  });

  it("has a volume for /tmp", () => {
    const [volume] = plain.one(taskDefinition).inputs.volumes as { name: string }[];
    assert.deepEqual(container.mountPoints, [{ sourceVolume: volume?.name, containerPath: "/tmp", readOnly: false }]);
  });

  it("has a stop timeout that is longer than the server's drain", () => {
    const drainSeconds = container.environment.find(({ name }) => name === "DRAIN_SECONDS")?.value;
    assert.equal(container.stopTimeout, 90);
    assert.ok(Number(drainSeconds) < container.stopTimeout);
    assert.ok(container.stopTimeout <= 120, "more than Fargate allows");
  });

  it("logs to the stack's log group without blocking", () =>
    assert.deepEqual(container.logConfiguration, {
      logDriver: "awslogs",
      options: {
        "awslogs-group": "inference-ecs",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "inference",
        mode: "non-blocking",
        "max-buffer-size": "4m",
      },
    }));

  it("sets the container's port, size, drain time and the stack's variables in a stable order", async () => {
    const names = (await plan({ environment: { ZULU: "z", ALPHA: "a" } })).container().environment;
    assert.deepEqual(names, [
      { name: "ALPHA", value: "a" },
      { name: "CPU_UNITS", value: "1024" },
      { name: "DRAIN_SECONDS", value: "80" },
      { name: "EMF", value: "1" },
      { name: "IDLE_SECONDS", value: "60" },
      { name: "LINGER_SECONDS", value: "35" },
      { name: "PORT", value: "8080" },
      { name: "ZULU", value: "z" },
    ]);
  });

  it("names a model that is not in the image", async () => {
    const { environment } = (await plan({ modelUri: "s3://models/cats" })).container();
    assert.deepEqual(
      environment.find(({ name }) => name === "MODEL_URI"),
      { name: "MODEL_URI", value: "s3://models/cats" },
    );
    assert.equal(
      container.environment.some(({ name }) => name === "MODEL_URI"),
      false,
    );
  });

  it("references secrets by ARN and contains no value", async () => {
    const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/key";
    const own = (await plan({ secrets: { KEY: arn } })).container();
    assert.deepEqual(own.secrets, [{ name: "KEY", valueFrom: arn }]);
    assert.equal(
      own.environment.some(({ name }) => name === "KEY"),
      false,
    );
  });

  it("has a writable root file system with exec", async () => {
    const own = (await plan({ exec: true })).container();
    assert.equal(own.readonlyRootFilesystem, false);
    assert.equal(own.linuxParameters.capabilities, undefined);
  });

  describe("the health check", () => {
    it("uses node, because the image has no curl", () => {
      assert.deepEqual(container.healthCheck?.command.slice(0, 2), ["CMD", "node"]);
      assert.doesNotMatch(JSON.stringify(plain.plan), /curl/);
    });

    it("requests the liveness path, which runs no inference", () =>
      assert.match(container.healthCheck?.command.join(" ") ?? "", /http:\/\/127\.0\.0\.1:8080\/health"/));

    it("is absent for an image that may contain nothing to ask with", async () =>
      assert.equal("healthCheck" in (await plan({ container: { preset: "tei" } })).container(), false));

    it("uses python in the image of a Python framework", async () =>
      assert.deepEqual((await plan({ container: { preset: "fastapi" } })).container().healthCheck?.command, [
        "CMD",
        "python3",
        "-c",
        'import urllib.request; urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=4)',
      ]));

    for (const [answer, exitCode] of [
      [200, 0],
      [503, 1],
      [undefined, 1],
    ] as const) {
      it(`ends with ${exitCode} when the server ${answer ? `answers ${answer}` : "is not there"}`, async () => {
        const server = createServer((_request, response) => response.writeHead(answer ?? 200).end());
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        if (!answer) await new Promise((resolve) => server.close(resolve));
        const [, ...script] = containerOf({ ...settingsOf().container, port }).healthCommand ?? [];
        try {
          const code = await promisify(execFile)(process.execPath, script).then(
            () => 0,
            (error: { code: number }) => error.code,
          );
          assert.equal(code, exitCode);
        } finally {
          server.closeAllConnections();
          server.close();
        }
      });
    }
  });
});

describe("ECS task definition of another team's image", () => {
  const containers = async (container: object) => {
    const inputs = (await plan({ container: { preset: "fastapi", ...container } })).one(taskDefinition).inputs;
    const all = JSON.parse(String(inputs.containerDefinitions)) as (ContainerDefinition & Record<string, unknown>)[];
    return { all, inputs };
  };

  it("leaves user, entry point and root file system to the image", async () => {
    const { all, inputs } = await containers({});
    const [container] = all;
    assert.equal(all.length, 1);
    for (const field of ["user", "entryPoint", "command"]) assert.ok(container && !(field in container), field);
    assert.deepEqual([container?.readonlyRootFilesystem, inputs.volumes], [false, []]);
  });

  it("opens its volumes to its user before it starts: Fargate gives them to root", async () => {
    const { all } = await containers({ user: "1000", readOnly: true, writablePaths: ["/a", "/b"] });
    const [container, preparation] = all;
    assert.deepEqual(container?.dependsOn, [{ containerName: "writable-paths", condition: "COMPLETE" }]);
    assert.deepEqual(
      [preparation?.name, preparation?.essential, preparation?.user, preparation?.entryPoint, preparation?.command],
      ["writable-paths", false, "0", ["chmod", "1777"], ["/a", "/b"]],
    );
    assert.deepEqual(preparation?.mountPoints, container?.mountPoints);
  });

  it("opens no volumes to root, to which they belong", async () =>
    assert.equal((await containers({ user: "root", readOnly: true })).all.length, 1));

  it("covers a start beyond the longest start period by the service's grace period", async () => {
    const own = await plan({ container: { preset: "vllm" } });
    assert.equal(own.container().healthCheck?.startPeriod, 300);
    assert.equal(own.one("aws:ecs/service:Service").inputs.healthCheckGracePeriodSeconds, 900);
  });

  it("has the ephemeral storage that the stack asks for", async () =>
    assert.deepEqual((await containers({ ephemeralStorageGiB: 50 })).inputs.ephemeralStorage, { sizeInGib: 50 }));
});
