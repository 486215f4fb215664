import assert from "node:assert/strict";
import { UserError } from "../../../tools/cli/user-error";
import { type OwnContainer, readArguments } from "../../../tools/start/arguments";
import { failure, introduction, specOf } from "../../../tools/start/own-container";
import { NotReady } from "../../../tools/start/service";

const own = (...args: string[]) => readArguments(args, {}).own;
const never = () => assert.fail("guessed a preset that is given");

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

    it("is that of the guessed preset otherwise", () => assert.equal(specOf(asked({}), () => "tgi").spec.port, 80));

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
    const asked: OwnContainer = { place: "model:1", changes: { port: 9000 } };
    const text = introduction({
      own: asked,
      preset: "fastapi",
      spec: { paths: { readiness: "/health" } },
      url: "http://127.0.0.1:9000",
      name: "model:1",
      seconds: 3.42,
    });
    for (const line of [
      "model:1 is ready: GET /health answered 200 after 3.4 s.",
      "  URL   http://127.0.0.1:9000",
      "  Try   curl http://127.0.0.1:9000/health",
      "  Key   container: {preset: fastapi, port: 9000}",
      "  Next  npm run check-image -- model:1 --preset fastapi",
    ]) {
      assert.ok(text.split("\n").includes(line), `"${line}" is missing from\n${text}`);
    }
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
