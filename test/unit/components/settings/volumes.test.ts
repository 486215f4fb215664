import assert from "node:assert/strict";
import { problemsOf, settingsOf } from "../../support/settings";

const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const models = { efs: "fs-0123456789abcdef0", path: "/models" };
const other = { ...models, efs: "fs-0123456789abcdef1" };
const accessPoint = "fsap-0123456789abcdef0";

/** What is written under `volumes`, the key of the problem, and its words. */
const bad: readonly (readonly [object, string, string])[] = [
  [
    { models: { ...models, efs: "fs-models" } },
    "volumes.models.efs",
    "the id of an EFS file system such as fs-0123456789abcdef0",
  ],
  [
    { models: { ...models, accessPoint: "fs-0123456789abcdef0" } },
    "volumes.models.accessPoint",
    "the id of an access point such as fsap-0123456789abcdef0",
  ],
  [
    { models: { ...models, path: "models" } },
    "volumes.models.path",
    "an absolute path such as /var/cache: not the root, no . or .., no / at the end",
  ],
  [{ models: { ...models, readonly: true } }, "volumes.models.readonly", "did you mean readOnly?"],
  [{ Models: models }, "volumes.Models", "at most 32 lower-case letters, digits and - in the name of a volume"],
  [
    { models: { ...models, path: "/dev/models" } },
    "volumes.models.path",
    "a folder outside /dev, which the platform mounts",
  ],
  [{ models: { ...models, path: "/tmp/models" } }, "volumes.models.path", "a folder that does not overlap with /tmp"],
  [
    { models, more: { ...other, path: "/models/more" } },
    "volumes.more.path",
    "a folder that does not overlap with /models",
  ],
  [
    { models, more: { ...other, path: "/" } },
    "volumes.more.path",
    "an absolute path such as /var/cache: not the root, no . or .., no / at the end",
  ],
  [
    { models, more: { ...models, path: "/more" } },
    "volumes.more.efs",
    "another file system or access point than volumes.models",
  ],
];

describe("The key volumes", () => {
  for (const [written, key, expected] of bad)
    it(`refuses ${JSON.stringify(written).slice(0, 120)}`, () =>
      assert.deepEqual(
        problemsOf({ network, volumes: written }).map((problem) => [problem.key, problem.expected]),
        [[key, expected]],
      ));

  it("mounts for reading only, unless readOnly is false", () => {
    const { volumes } = settingsOf({ network, volumes: { models, out: { ...other, path: "/out", readOnly: false } } });
    assert.deepEqual([volumes.models?.readOnly, volumes.out?.readOnly], [true, false]);
  });

  it("mounts a file system once through each access point", () =>
    assert.deepEqual(problemsOf({ network, volumes: { models, out: { ...models, path: "/out", accessPoint } } }), []));

  it("refuses a new VPC, in which an existing file system has no mount target", () => {
    const keys = (target: string) => problemsOf({ target, volumes: { models } }).map(({ key }) => key);
    assert.deepEqual(["ecs", "eks", "both", "local"].map(keys), [["volumes"], ["volumes"], ["volumes"], []]);
  });

  it("says that the mount targets must admit the replicas", () => {
    const { notes } = settingsOf({ network, volumes: { models } });
    assert.ok(
      notes.some((text) => text.startsWith("volumes: the security group of the mount targets must admit TCP 2049")),
    );
  });

  it("says that they are not mounted on this machine", () => {
    const { notes, warnings } = settingsOf({ target: "local", volumes: { models } });
    assert.ok(warnings.includes("volumes are not mounted on local: their paths are those of the image"));
    assert.ok(!notes.some((text) => text.startsWith("volumes")));
  });

  it("warns that an existing cluster needs a driver, and mounts without IAM", () => {
    const kubeconfig = '{"clusters":[{"cluster":{"server":"https://127.0.0.1"}}],"contexts":[],"users":[]}';
    const existing = { target: "eks", network, eks: { cluster: { name: "team", kubeconfig } } };
    const warned = (own: Readonly<Record<string, unknown>>) =>
      settingsOf(own).warnings.filter((text) => text.startsWith("volumes:"));
    assert.equal(warned({ ...existing, volumes: { models } }).length, 1);
    assert.deepEqual(warned({ target: "eks", network, volumes: { models } }), []);
  });
});
