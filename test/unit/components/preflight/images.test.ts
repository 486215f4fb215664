import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tokenUrl } from "../../../../components/aws/registry-client";
import type { Problem } from "../../../../components/core/problems";
import { architecturesIn, architecturesOf } from "../../../../components/preflight/image-architectures";
import { imageProblems } from "../../../../components/preflight/images";
import type { Cloud } from "../../../../tools/offline";
import { offlineCloud } from "../../../../tools/offline/cloud";
import {
  digestOf,
  imageContent,
  type LocalRegistry,
  type RegistryContent,
  withRegistry,
} from "../../../support/local-registry";
import { deployed } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const digest = digestOf("a");
const kept: RegistryContent = {
  ...imageContent("team/intel", digest, "amd64"),
  ...imageContent("team/arm", digest, "arm64"),
  ...imageContent("team/both", digest, "amd64", "arm64"),
};

interface Told {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

interface Asking {
  readonly cloud?: Cloud;
  readonly limitSeconds?: number;
}

async function told(own: Readonly<Record<string, unknown>>, { cloud, limitSeconds }: Asking = {}): Promise<Told> {
  let problems: readonly Problem[] = [];
  const plan = await deployed(async () => {
    problems = await imageProblems(settingsOf(own), {}, limitSeconds);
  }, cloud);
  return { problems, warnings: plan.said("warning") };
}

const nothing: Told = { problems: [], warnings: [] };
const open = (test: (registry: LocalRegistry) => Promise<void>) => withRegistry(kept, {}, test);

describe("imageProblems", () => {
  it("refuses a pinned image for another architecture, and names its architectures", () =>
    open(async ({ host }) => {
      const image = `${host}/team/intel@${digest}`;
      const expected = "an image for arm64, since architecture is arm64; this one is for amd64";
      assert.deepEqual(await told({ image, architecture: "arm64" }), {
        problems: [{ key: "image", value: image, expected }],
        warnings: [],
      });
      assert.deepEqual(await told({ image }), nothing);
    }));

  it("refuses a sidecar for another architecture", () =>
    open(async ({ host }) => {
      const image = `${host}/team/intel@${digest}`;
      const own = { architecture: "arm64", sidecars: { agent: { image, cpu: 128, memory: 256 } } };
      const { problems } = await told(own);
      assert.deepEqual(
        problems.map(({ key, value }) => [key, value]),
        [["sidecars.agent.image", image]],
      );
    }));

  it("accepts an image for several architectures that include the machines'", () =>
    open(async ({ host }) => {
      const image = `${host}/team/both@${digest}`;
      for (const architecture of ["x86_64", "arm64"]) assert.deepEqual(await told({ image, architecture }), nothing);
    }));

  it("checks each variant's own image, and the stack's image only if a variant runs it", () =>
    open(async ({ host }) => {
      const image = `${host}/team/intel@${digest}`;
      const arm = { target: "ecs", weight: 50, image: `${host}/team/arm@${digest}` };
      const keysOf = async (other: Readonly<Record<string, unknown>>) => {
        const variants = { a: arm, b: { ...arm, ...other } };
        const { problems } = await told({ image, architecture: "arm64", target: "variants", variants });
        return problems.map(({ key }) => key);
      };
      assert.deepEqual(await keysOf({}), []);
      assert.deepEqual(await keysOf({ image: undefined }), ["image"]);
      assert.deepEqual(await keysOf({ image }), ["variants.b.image"]);
    }));

  it("reads a public registry with an anonymous token", () =>
    withRegistry(kept, { token: "visitor" }, async ({ host, requests }) => {
      assert.deepEqual(await told({ image: `${host}/team/intel@${digest}` }), nothing);
      assert.deepEqual(requests, [
        `/v2/team/intel/manifests/${digest} nobody`,
        "/token?service=here&scope=pull nobody",
        `/v2/team/intel/manifests/${digest} Bearer visitor`,
        `/v2/team/intel/blobs/${digestOf("c")} Bearer visitor`,
      ]);
    }));

  it("reads ECR with the deployer's credentials, in the image's account and region", () => {
    const authorization = `Basic ${Buffer.from("AWS:a token").toString("base64")}`;
    return withRegistry(kept, { authorization }, async ({ url, requests }) => {
      const offline = offlineCloud("eu-west-1");
      const inputs: unknown[] = [];
      const call: Cloud["call"] = (args) => {
        inputs.push(args.inputs);
        return { ...offline.call(args), proxyEndpoint: url };
      };
      const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/intel@${digest}`;
      assert.deepEqual(await told({ image }, { cloud: { ...offline, call } }), nothing);
      assert.deepEqual(inputs, [{ registryId: "123456789012", region: "us-east-1" }]);
      assert.equal(requests.length, 2);
    });
  });

  describe("with imageCredentials", () => {
    const imageCredentials = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ghcr-AbCdEf";
    const authorization = `Basic ${Buffer.from("robot:hunter2").toString("base64")}`;
    const offline = offlineCloud("eu-west-1");
    const holding = (secretString: string): Cloud => ({
      ...offline,
      call: (args) => ({ ...offline.call(args), ...(args.token.includes("getSecretVersion") && { secretString }) }),
    });
    const signIn = JSON.stringify({ username: "robot", password: "hunter2" });

    it("reads a private registry with them", () =>
      withRegistry(kept, { token: "member", authorization }, async ({ host }) => {
        const image = `${host}/team/intel@${digest}`;
        assert.deepEqual(await told({ image, imageCredentials }, { cloud: holding(signIn) }), nothing);
        const { problems } = await told({ image, imageCredentials, architecture: "arm64" }, { cloud: holding(signIn) });
        assert.deepEqual(
          problems.map(({ key }) => key),
          ["image"],
        );
      }));

    for (const secret of ["hunter2", '{"username":"robot"}', '{"username":"","password":"hunter2"}', "null"]) {
      it(`refuses a secret that is no sign-in, and does not show it: ${secret.length} characters`, async () => {
        const image = `127.0.0.1:9/team/intel@${digest}`;
        const { problems } = await told({ image, imageCredentials }, { cloud: holding(secret) });
        const expected = 'a secret whose value is {"username": "…", "password": "…"}';
        assert.deepEqual(problems, [{ key: "imageCredentials", value: imageCredentials, expected }]);
      });
    }

    it("refuses a secret that does not exist, and warns of one that it may not read", () =>
      open(async ({ host }) => {
        const failing = (reason: string): Cloud => ({
          ...offline,
          call: (args) => {
            if (args.token.includes("getSecretVersion")) throw Object.assign(new Error(reason), { details: reason });
            return offline.call(args);
          },
        });
        const image = `${host}/team/intel@${digest}`;
        const missing = await told({ image, imageCredentials }, { cloud: failing("couldn't find resource") });
        assert.deepEqual(
          missing.problems.map(({ expected }) => expected),
          ["a secret that exists and has a value"],
        );
        const closed = await told({ image, imageCredentials }, { cloud: failing("AccessDenied") });
        assert.deepEqual(closed.problems, []);
        assert.match(closed.warnings.join(), /^imageCredentials: this secret could not be read, so a pull may fail: /);
      }));

    it("reads no secret for images in ECR", async () => {
      const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/intel@${digest}`;
      const { problems } = await told({ image, imageCredentials }, { cloud: holding("hunter2"), limitSeconds: 0.1 });
      assert.deepEqual(problems, []);
    });
  });

  it("warns once about images that it cannot check, and refuses none", async () => {
    const target = { target: "variants", architecture: "arm64" };
    await withRegistry(kept, { authorization: "for members" }, async ({ host }) => {
      const member = { target: "ecs", weight: 50, image: `${host}/team/intel@${digest}` };
      const gone = { ...member, image: `127.0.0.1:9/team/intel@${digest}` };
      const { problems, warnings } = await told({ ...target, variants: { a: member, b: gone } });
      assert.deepEqual(problems, []);
      assert.equal(warnings.length, 1);
      const [warning = ""] = warnings;
      assert.match(warning, /^Could not check whether these images are built for arm64: /);
      assert.match(warning, /variants\.a\.image \(the registry requires credentials\)/);
      assert.match(warning, /variants\.b\.image \(\S.*\)$/);
    });
    await open(async ({ host }) => {
      const { warnings } = await told({ image: `${host}/nowhere@${digest}` });
      assert.deepEqual(warnings, [
        `Could not check whether these images are built for amd64: image (${host} answered 404)`,
      ]);
    });
  });

  it("does not wait longer than the limit", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const { problems, warnings } = await told({ image: `${host}/team/intel@${digest}` }, { limitSeconds: 0.2 });
    silent.closeAllConnections();
    silent.close();
    assert.deepEqual(problems, []);
    assert.match(warnings.join(), /image \(no answer in 0\.2 s\)$/);
  });

  it("does not check an image that the program builds", async () => assert.deepEqual(await told({}), nothing));
});

describe("Registry client", () => {
  const credentials = { username: "robot", password: "hunter2" };
  const authorization = `Basic ${Buffer.from("robot:hunter2").toString("base64")}`;
  const image = { registry: "", repository: "team/intel", digest };
  const read = ({ url }: LocalRegistry, given?: typeof credentials) =>
    architecturesOf(image, { url, credentials: given }, AbortSignal.timeout(10_000));

  it("gets a token for credentials, and sends them to nobody else", () =>
    withRegistry(kept, { token: "member", authorization }, async (registry) => {
      assert.deepEqual(await read(registry, credentials), ["amd64"]);
      assert.deepEqual(registry.requests, [
        `/v2/team/intel/manifests/${digest} nobody`,
        `/token?service=here&scope=pull ${authorization}`,
        `/v2/team/intel/manifests/${digest} Bearer member`,
        `/v2/team/intel/blobs/${digestOf("c")} Bearer member`,
      ]);
      await assert.rejects(read(registry), /answered 401$/);
    }));

  it("sends credentials to a registry without tokens once it asks for them", () =>
    withRegistry(kept, { authorization }, async (registry) => {
      assert.deepEqual(await read(registry, credentials), ["amd64"]);
      assert.equal(registry.requests[0], `/v2/team/intel/manifests/${digest} nobody`);
      await assert.rejects(read(registry), /^Error: the registry requires credentials$/);
    }));

  it("reads the Linux architectures of an index, without attestations", () => {
    const linux = { os: "linux", architecture: "arm64" };
    assert.deepEqual(architecturesIn([linux, linux, { os: "unknown", architecture: "unknown" }]), ["arm64"]);
    assert.throws(() => architecturesIn([{ os: "windows", architecture: "amd64" }]), /no architecture for Linux/);
  });

  it("finds the token address and scope of a 401 response", () => {
    const challenge = 'Bearer realm="https://auth.example.com/token",service="example.com",scope="repository:a/b:pull"';
    assert.equal(
      tokenUrl(challenge)?.href,
      "https://auth.example.com/token?service=example.com&scope=repository%3Aa%2Fb%3Apull",
    );
    for (const other of ["", "Basic realm=registry", 'Bearer service="x"']) assert.equal(tokenUrl(other), undefined);
  });
});
