import assert from "node:assert/strict";
import { parseImage } from "../../../../components/core/image-reference";
import { digestOf } from "../../../support/local-registry";

const digest = digestOf("a");
const where = (name: string) => {
  const { registry, repository, digest: found, ecr } = parseImage(`${name}@${digest}`);
  assert.equal(found, digest);
  return [registry, repository, ecr];
};

describe("parseImage", () => {
  it("returns the registry, or Docker Hub without one", () => {
    assert.deepEqual(where("ghcr.io/team/model"), ["ghcr.io", "team/model", undefined]);
    assert.deepEqual(where("127.0.0.1:5000/model"), ["127.0.0.1:5000", "model", undefined]);
    assert.deepEqual(where("localhost/model"), ["localhost", "model", undefined]);
    assert.deepEqual(where("team/model"), ["registry-1.docker.io", "team/model", undefined]);
    assert.deepEqual(where("model"), ["registry-1.docker.io", "library/model", undefined]);
    assert.deepEqual(where("docker.io/model"), ["registry-1.docker.io", "library/model", undefined]);
  });

  it("ignores a tag beside a digest", () => {
    assert.deepEqual(where("ghcr.io:443/team/model:v1"), ["ghcr.io:443", "team/model", undefined]);
    assert.deepEqual(where("model:v1"), ["registry-1.docker.io", "library/model", undefined]);
  });

  it("returns the account and the region of an ECR repository", () =>
    assert.deepEqual(where("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/model"), [
      "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
      "team/model",
      { account: "123456789012", region: "eu-west-1" },
    ]));
});
