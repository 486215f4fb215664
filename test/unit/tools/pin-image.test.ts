import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { dockerLogin } from "../../../tools/pin/docker-login";
import { pinned } from "../../../tools/pin/resolve";
import { ProjectCopy } from "../../engine/support/project-copy";
import { temporaryFolder } from "../../support/folder";
import { ImageRegistry } from "../../support/image-registry";

const run = promisify(execFile);
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A folder for DOCKER_CONFIG. */
function dockerFolder(config: object): string {
  const folder = temporaryFolder("docker");
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return folder;
}

describe("npm run pin -- <image>", function () {
  this.timeout(120_000);
  let open: ImageRegistry;
  let closed: ImageRegistry;
  let copy: ProjectCopy;
  let digest: string;

  before(async () => {
    open = await ImageRegistry.start();
    closed = await ImageRegistry.start(`Basic ${base64("robot:hunter2")}`);
    copy = new ProjectCopy(join(temporaryFolder("pin-"), "project"));
    for (const registry of [open, closed]) {
      digest = registry.seed("team/model", "weights");
      registry.manifests.set("team/model:1.2", registry.manifests.get(`team/model@${digest}`) as never);
    }
  });
  after(() => {
    open.stop();
    closed.stop();
  });

  /** What the command prints; it fails when the command does. */
  async function pin(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, DOCKER_CONFIG: "/nowhere", ...environment };
    const { stdout } = await run("npm", ["run", "--silent", "pin", "--", ...args], { cwd: copy.folder, env });
    return stdout;
  }
  const refusal = (args: readonly string[], environment?: Readonly<Record<string, string>>) =>
    pin(args, environment).then(
      () => assert.fail("the command succeeded"),
      ({ stderr, code }: { stderr: string; code: number }) => {
        assert.equal(code, 1);
        return stderr;
      },
    );
  const stackFile = () => readFileSync(join(copy.folder, "Pulumi.dev.yaml"), "utf8");

  it("prints the line and the architectures without a stack", async () => {
    const tagged = `${open.host}/team/model:1.2`;
    assert.equal(await pin([tagged]), `image: ${open.host}/team/model@${digest}\n${tagged} is built for amd64\n`);
  });

  it("writes the line into the stack file and says how to deploy it", async () => {
    const before = stackFile();
    const printed = await pin([`${open.host}/team/model:1.2`, "--stack", "dev"]);
    assert.match(printed, /\nPulumi\.dev\.yaml has the line\. Deploy it: pulumi up --stack dev\n$/);
    const line = `image: ${open.host}/team/model@${digest}`;
    assert.equal(stackFile().replace(/^.*\bimage: .*\n/m, ""), before.replace(/^.*\bimage: .*\n/m, ""));
    assert.ok(stackFile().includes(line));
  });

  it("writes the line of one variant", async () => {
    copy.configure("dev", { "inference:variants": { blue: { target: "ecs", weight: 100 } } });
    await pin([`${open.host}/team/model:1.2`, "--stack", "dev", "--variant", "blue"]);
    assert.match(stackFile(), new RegExp(`blue:\\n +image: ${open.host}/team/model@${digest}\\n`));
  });

  it("refuses an image for other machines than the stack's, and writes nothing", async () => {
    copy.configure("dev", { "inference:architecture": "arm64" });
    const before = stackFile();
    const tagged = `${open.host}/team/model:1.2`;
    assert.equal(
      await refusal([tagged, "--stack", "dev"]),
      `${tagged} is built for amd64; expected arm64, since architecture is arm64 in Pulumi.dev.yaml\n`,
    );
    assert.equal(stackFile(), before);
    copy.configure("dev", { "inference:target": "local" });
    await pin([tagged, "--stack", "dev"]);
  });

  it("reads a private registry with the docker login of this machine", async () => {
    const tagged = `${closed.host}/team/model:1.2`;
    const DOCKER_CONFIG = dockerFolder({ auths: { [closed.host]: { auth: base64("robot:hunter2") } } });
    assert.match(await pin([tagged], { DOCKER_CONFIG }), new RegExp(`@${digest}\n`));
    assert.equal(
      await refusal([tagged]),
      `Could not read ${tagged} from its registry: the registry requires credentials. Sign in: docker login ${closed.host}\n`,
    );
  });

  it("reads a private registry with the sign-in of the stack, as the stack's identity", async () => {
    const folder = temporaryFolder("aws");
    const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:registry-AbCdEf";
    const log = join(folder, "log");
    writeFileSync(
      join(folder, "aws"),
      `#!/bin/sh
echo "$AWS_ACCESS_KEY_ID $AWS_PROFILE $*" >>${log}
echo '{"username": "robot", "password": "hunter2"}'
`,
    );
    chmodSync(join(folder, "aws"), 0o755);
    copy.configure("prod", { "inference:imageCredentials": secretArn, "inference:architecture": "x86_64" });
    const keys = { AWS_ACCESS_KEY_ID: "the-stacks", AWS_SECRET_ACCESS_KEY: "secret" };
    const PATH = `${folder}:${process.env.PATH}`;
    const args = [`${closed.host}/team/model:1.2`, "--stack", "prod"];
    assert.match(await pin(args, { ...keys, PATH }), new RegExp(`^image: ${closed.host}/team/model@${digest}\n`));
    assert.equal(
      readFileSync(log, "utf8"),
      `the-stacks  secretsmanager get-secret-value --secret-id ${secretArn} --query SecretString --output text --region us-east-1\n`,
    );
    writeFileSync(join(folder, "aws"), "#!/bin/sh\necho 'AccessDenied: not yours' >&2; exit 254\n");
    assert.equal(
      await refusal(args, { ...keys, PATH }),
      `imageCredentials is ${secretArn}, which could not be read: AccessDenied: not yours\n`,
    );
  });

  it("says that a tag does not exist", async () => {
    const tagged = `${open.host}/team/model:1.3`;
    assert.equal(await refusal([tagged]), `Could not read ${tagged} from its registry: ${open.host} answered 404\n`);
  });

  for (const [title, args, message] of [
    ["no image", [], /^Expected one image, or --base\n\nnpm run pin/],
    ["an image beside --base", ["a:1", "--base"], /^Expected one image, or --base\n/],
    ["a variant without a stack", ["a:1", "--variant", "blue"], /^--variant is blue; expected an image and --stack/],
    ["an unknown stack", ["a:1", "--stack", "dve"], /^--stack is dve: there is no Pulumi\.dve\.yaml/],
  ] as const) {
    it(`refuses ${title}`, async () => assert.match(await refusal(args), message));
  }

  it("pins the base images of the Dockerfile that a stack builds", async () => {
    mkdirSync(join(copy.folder, "service"));
    const dockerfile = join(copy.folder, "service/Dockerfile.gpu");
    writeFileSync(dockerfile, `FROM ${open.host}/team/model:1.2\n`);
    copy.configure("dev", { "inference:build": { context: "service", dockerfile: "Dockerfile.gpu" } });
    assert.match(await pin(["--base", "--stack", "dev"]), /^service\/Dockerfile\.gpu: /);
    assert.equal(readFileSync(dockerfile, "utf8"), `FROM ${open.host}/team/model:1.2@${digest}\n`);
  });
});

describe("pinned", () => {
  for (const [tagged, name] of [
    ["model", "model"],
    ["team/model:1.2", "team/model"],
    ["host:5000/team/model", "host:5000/team/model"],
    ["host:5000/team/model:1.2@sha256:old", "host:5000/team/model"],
  ] as const) {
    it(`names ${tagged} by its digest`, () => assert.equal(pinned(tagged, "sha256:1"), `${name}@sha256:1`));
  }
});

describe("dockerLogin", () => {
  const auth = base64("robot:hun:ter2");
  const robot = { username: "robot", password: "hun:ter2" };
  const login = (registry: string, config: object) => dockerLogin(registry, { DOCKER_CONFIG: dockerFolder(config) });

  it("reads the entry of a registry, with or without https", () => {
    assert.deepEqual(login("ghcr.io", { auths: { "ghcr.io": { auth } } }), robot);
    assert.deepEqual(login("ghcr.io", { auths: { "https://ghcr.io/v2/": { auth } } }), robot);
  });

  it("reads Docker Hub's entry for the host of its API", () =>
    assert.deepEqual(login("registry-1.docker.io", { auths: { "https://index.docker.io/v1/": { auth } } }), robot));

  it("finds none for another registry, without a file, or in one that is no JSON", () => {
    assert.equal(login("quay.io", { auths: { "ghcr.io": { auth } } }), undefined);
    assert.equal(dockerLogin("quay.io", { DOCKER_CONFIG: "/nowhere" }), undefined);
    const folder = temporaryFolder("docker");
    writeFileSync(join(folder, "config.json"), "{");
    assert.equal(dockerLogin("quay.io", { DOCKER_CONFIG: folder }), undefined);
  });

  describe("with a credential helper", () => {
    const path = process.env.PATH;
    before(() => {
      const folder = temporaryFolder("helper");
      const helper = join(folder, "docker-credential-test");
      writeFileSync(
        helper,
        `#!/bin/sh
read name
case "$1 $name" in
  "get ghcr.io") echo '{"ServerURL":"ghcr.io","Username":"robot","Secret":"hun:ter2"}' ;;
  "get azure.example.com") echo '{"Username":"<token>","Secret":"identity"}' ;;
  *) echo "credentials not found"; exit 1 ;;
esac
`,
      );
      chmodSync(helper, 0o755);
      process.env.PATH = `${folder}:${path}`;
    });
    after(() => {
      process.env.PATH = path;
    });

    it("asks the one of the registry, or the one of all", () => {
      assert.deepEqual(login("ghcr.io", { credHelpers: { "ghcr.io": "test" } }), robot);
      assert.deepEqual(login("ghcr.io", { credsStore: "test", auths: { "ghcr.io": {} } }), robot);
    });

    it("finds none where the helper has none, or has no password", () => {
      for (const registry of ["quay.io", "azure.example.com"])
        assert.equal(login(registry, { credsStore: "test" }), undefined);
      assert.equal(login("quay.io", { credsStore: "is-not-installed" }), undefined);
    });
  });
});
