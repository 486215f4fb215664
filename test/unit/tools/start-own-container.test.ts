import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { UserError } from "../../../tools/cli/user-error";
import { projectFolder } from "../../../tools/stack/file";
import { type OwnContainer, readArguments } from "../../../tools/start/arguments";
import { hintFor } from "../../../tools/start/hint";
import { failure, introduction, specOf } from "../../../tools/start/own-container";
import { freePortFrom } from "../../../tools/start/port";
import { NotReady, Service } from "../../../tools/start/service";
import { withFakeServer } from "../../support/fake-docker";

const own = (...args: string[]) => readArguments(args, {}).own;
const declaring = (exposedPorts: readonly number[], command = "serve") => ({
  ...{ exposedPorts, command: command.split(" "), labels: {} },
});
/** An image from which a preset would be guessed that none of the tests gives. */
const never = declaring([], "tritonserver");

describe("npm start with a container of the user", () => {
  describe("its arguments", () => {
    it("name an image, or a folder, which is never taken for an image", () => {
      assert.deepEqual(own("--image", "model:1"), { place: "model:1", changes: {} });
      assert.deepEqual(own("--build", "server"), { place: "./server", changes: {} });
      assert.deepEqual(own("--build", "../server"), { place: "../server", changes: {} });
    });

    it("name a stack, a preset, the port and the readiness path", () =>
      assert.deepEqual(
        own("--stack", "dev", "--preset", "flask", "--container-port", "9000", "--readiness-path", "/healthz"),
        { stack: "dev", preset: "flask", changes: { port: 9000, readinessPath: "/healthz" } },
      ));

    it("leave npm start alone as it is", () => assert.equal(own("--port", "9000"), undefined));

    for (const [args, message] of [
      [["--image", "a", "--build", "b"], "--image and --build are both given; expected one"],
      [["--preset", "flask"], "--preset needs a container: --image NAME, --build FOLDER or --stack NAME"],
      [["--image", "a", "--preset", "django"], /^--preset is django; expected one of ours, other, fastapi, /],
      [["--image", "a", "--container-port", "0"], '--container-port is "0"; expected a number from 1 to 65535'],
      [["--image", "a", "--readiness-path", "health"], "--readiness-path is health; expected a path such as /health"],
      [["--image", "a", "--docker"], "--docker builds app/; leave it out with a container of your own"],
      [["--stack", "nowhere"], "--stack is nowhere: there is no Pulumi.nowhere.yaml"],
    ] as const) {
      it(`refuse ${args.join(" ")}`, () => assert.throws(() => own(...args), { message }));
    }

    for (const [taken, written] of [
      ["image", "--image IMAGE"],
      ["container_port", "--container-port PORT"],
    ] as const) {
      it(`refuse ${taken} that npm took for its own option`, () =>
        assert.throws(() => readArguments([], { [`npm_config_${taken}`]: "x" }), {
          message: `npm took ${written.split(" ")[0]} for its own option; write: npm start -- ${written}`,
        }));
    }
  });

  describe("its contract", () => {
    const asked = (more: Partial<OwnContainer>): OwnContainer => ({ changes: {}, ...more });

    it("is that of the preset that is given", () => {
      const { preset, spec } = specOf(asked({ preset: "flask" }), never);
      assert.deepEqual([preset, spec.port, spec.paths.readiness, spec.user], ["flask", 5000, "/health", undefined]);
    });

    it("is that of the guessed preset otherwise", () =>
      assert.equal(specOf(asked({}), declaring([], "text-generation-launcher")).spec.port, 80));

    it("has the only port that the image declares", () => {
      const { spec, changes } = specOf(asked({ preset: "fastapi" }), declaring([9000]));
      assert.deepEqual([spec.port, spec.environment.PORT, changes], [9000, "9000", { port: 9000 }]);
      assert.equal(specOf(asked({}), declaring([9000])).spec.port, 9000);
      assert.equal(specOf(asked({ preset: "fastapi" }), declaring([9000, 9001])).spec.port, 8000);
      assert.deepEqual(specOf(asked({ preset: "fastapi" }), declaring([8000])).changes, {});
      assert.equal(specOf(asked({ preset: "fastapi", changes: { port: 7000 } }), declaring([9000])).spec.port, 7000);
    });

    it("has the port and the path of the command before those of the preset", () => {
      const { spec } = specOf(asked({ preset: "fastapi", changes: { port: 9000, readinessPath: "/healthz" } }), never);
      assert.deepEqual([spec.port, spec.paths.readiness, spec.environment.PORT], [9000, "/healthz", "9000"]);
    });

    it("has the size of the stack, without what only AWS has", () => {
      const { spec } = specOf(asked({ stack: "dev", preset: "fastapi" }), never);
      assert.deepEqual([spec.cpuUnits, "LINGER_SECONDS" in spec.environment], [512, false]);
    });
  });

  it("prints the url, a request, the key and the next step", () => {
    const shown = (asked: OwnContainer, folder?: string) =>
      introduction({
        own: asked,
        preset: "fastapi",
        spec: { paths: { readiness: "/health" } },
        url: "http://127.0.0.1:9000",
        image: { name: "model:1", ...(folder && { folder }) },
        seconds: 3.42,
      });
    const ofImage = shown({ place: "model:1", changes: { port: 9000 } });
    const ofFolder = shown({ place: "../server", preset: "fastapi", changes: {} }, join(projectFolder, "../server"));
    for (const [text, line] of [
      [ofImage, "model:1 is ready: GET /health answered 200 after 3.4 s."],
      [ofImage, "  URL   http://127.0.0.1:9000"],
      [ofImage, "  Try   curl http://127.0.0.1:9000/health"],
      [ofImage, "  Key   container: {preset: fastapi, port: 9000}"],
      [ofImage, "  Pin   npm run pin -- model:1 --stack <stack>"],
      [ofImage, "  Next  npm run check-image -- model:1 --preset fastapi"],
      [ofImage, "        It looks for the port and for usual paths. It takes both from the key"],
      [ofFolder, "        build: {context: ../server}"],
    ] as const) {
      assert.ok(text.split("\n").includes(line), `"${line}" is missing from\n${text}`);
    }
    assert.doesNotMatch(ofFolder, /npm run pin|It looks for/);
  });

  it("takes the next port if another program has the first", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    try {
      const { port } = holder.address() as AddressInfo;
      assert.ok((await freePortFrom(port)) > port);
    } finally {
      holder.close();
    }
  });

  describe("its hint", () => {
    const { spec } = specOf({ preset: "fastapi", changes: {} }, never);
    const urlOf = ({ port }: { readonly port?: number }) => `http://127.0.0.1:${port}`;
    const isOpen = [{ port: 8000, isLoopback: false }];
    const answering = (good: string) => ({ status: (path: string) => (path === good ? 200 : 404) });

    it("names the path that answers 200", () =>
      withFakeServer(answering("/healthz"), async (container) =>
        assert.equal(
          await hintFor(isOpen, spec, urlOf(container)),
          "GET /health answers 404; /healthz answers 200: set --readiness-path /healthz",
        ),
      ));

    it("names the port", async () =>
      assert.equal(
        await hintFor([{ port: 9000, isLoopback: false }], spec, "http://127.0.0.1:9"),
        "it listens on 9000, not on 8000: set --container-port 9000",
      ));

    it("is nothing for a server that is starting", () =>
      withFakeServer({ status: () => 503 }, async (container) => {
        assert.equal(await hintFor(isOpen, spec, urlOf(container)), undefined);
        assert.equal(await hintFor([], spec, "http://127.0.0.1:9"), undefined);
      }));

    it("is on every progress line, and ends the wait", async () => {
      const args = ["-e", "setInterval(() => {}, 1000)"];
      const deaf = new Service({ program: process.execPath, args, env: process.env, cwd: process.cwd() });
      const said: string[] = [];
      const { log } = console;
      console.log = (text: string) => said.push(text);
      try {
        const patience = {
          limitSeconds: 20,
          progressEverySeconds: 0.2,
          hintSeconds: 0.5,
          hint: async () => "it sleeps",
        };
        await assert.rejects(
          deaf.untilReady("http://127.0.0.1:9/ready", patience),
          /^Error: The service was not ready after 1 s: it sleeps/,
        );
      } finally {
        console.log = log;
        deaf.kill();
      }
      assert.ok(
        said.length >= 3 && said.every((line) => /^ {2}not ready yet, \d s: it sleeps$/.test(line)),
        said.join(),
      );
    });
  });

  it("reports what Docker knows, and Docker's own reason when it has no container", () => {
    const ended = new NotReady("The service ended before it was ready", "docker: invalid reference format");
    const error = failure(ended, ["its state and its log are not known: no such object"], "npm run check-image -- a");
    assert.ok(error instanceof UserError);
    assert.deepEqual(error.message.split("\n"), [
      "The service ended before it was ready",
      "  its state and its log are not known: no such object",
      "  last line: docker: invalid reference format",
      "To find the keys that it needs: npm run check-image -- a",
    ]);
    assert.doesNotMatch(failure(ended, [`log: ${ended.lastLine}`], "").message, /last line/);
  });
});
