import assert from "node:assert/strict";
import { problemsOf, settingsOf } from "../../support/settings";

const image = `ghcr.io/team/agent@sha256:${"0".repeat(64)}`;
const agent = { image, cpu: 128, memory: 256 };
const digest = "repository@sha256:<64 hex digits> (npm run pin -- repository:tag prints it)";
const many = Object.fromEntries([..."abcdefghi"].map((name) => [name, { image, cpu: 16, memory: 16 }]));

/** What is written under `sidecars`, the key of the problem, and its words. */
const bad: readonly (readonly [object, string, string])[] = [
  [{ agent: { ...agent, image: "ghcr.io/team/agent:1" } }, "sidecars.agent.image", digest],
  [{ agent: { ...agent, cpu: 15 } }, "sidecars.agent.cpu", "a whole number from 16 to 8192"],
  [{ agent: { ...agent, memory: undefined } }, "sidecars.agent.memory", "a whole number from 16 to 61440"],
  [{ agent: { ...agent, user: "image" } }, "sidecars.agent.user", "root, or a number such as 1000 or 1000:1000"],
  [{ agent: { ...agent, command: [] } }, "sidecars.agent.command", "at least one word; or leave it out"],
  [
    { agent: { ...agent, prot: 80 } },
    "sidecars.agent.prot",
    "expected image, cpu, memory, command, args, environment, user, readOnly",
  ],
  [{ Agent: agent }, "sidecars.Agent", "at most 32 lower-case letters, digits and - in the name of a sidecar"],
  [{ inference: agent }, "sidecars.inference", "another name: the program's own container has this"],
  [{ "writable-paths": agent }, "sidecars.writable-paths", "another name: the program's own container has this"],
  [{ agent: { ...agent, cpu: 600 } }, "sidecars", "at most 512 of cpu together, half of the replica's 1024"],
  [
    { agent, other: { ...agent, memory: 769 } },
    "sidecars",
    "at most 1024 of memory together, half of the replica's 2048",
  ],
  [many, "sidecars", "at most 8 sidecars"],
];

describe("The key sidecars", () => {
  for (const [written, key, expected] of bad)
    it(`refuses ${JSON.stringify(written).slice(0, 100)}`, () =>
      assert.deepEqual(
        problemsOf({ sidecars: written }).map((problem) => [problem.key, problem.expected]),
        [[key, expected]],
      ));

  it("takes half of the replica, and a user that YAML reads as a number", () => {
    const written = { agent: { ...agent, cpu: 512, memory: 1024, user: 1000 } };
    assert.deepEqual(settingsOf({ sidecars: written }).sidecars, {
      agent: { ...agent, cpu: 512, memory: 1024, user: "1000", environment: {}, readOnly: true },
    });
  });

  it("refuses an image of another registry without a NAT gateway", () =>
    assert.deepEqual(
      problemsOf({ sidecars: { agent }, network: { nat: "none" } }).map(({ key }) => key),
      ["sidecars.agent.image"],
    ));

  it("says that they do not run on this machine", () => {
    const { notes } = settingsOf({ target: "local", sidecars: { agent } });
    assert.ok(notes.some((text) => text.startsWith("sidecars do not run on local")));
  });
});
