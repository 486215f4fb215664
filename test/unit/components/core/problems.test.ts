import assert from "node:assert/strict";
import { RunError } from "@pulumi/pulumi";
import { describeProblems, refusal } from "../../../../components/core/problems";

describe("problems", () => {
  it("name key, value and what is expected, one a line", () =>
    assert.equal(
      describeProblems("Configuration of stack dev", [
        { key: "cpu", value: 300, expected: "one of 256, 512" },
        { key: "target", value: "esc", expected: "ecs or eks" },
      ]),
      [
        "Configuration of stack dev: 2 problems",
        "  cpu is 300; expected one of 256, 512",
        '  target is "esc"; expected ecs or eks',
      ].join("\n"),
    ));

  it("count one as one", () =>
    assert.equal(
      describeProblems("X", [{ key: "a", value: null, expected: "b" }]),
      "X: 1 problem\n  a is null; expected b",
    ));

  it("call an absent value missing", () =>
    assert.match(describeProblems("X", [{ key: "a", value: undefined, expected: "b" }]), /a is missing; expected b$/));

  it("show a number that JSON does not have", () =>
    assert.match(describeProblems("X", [{ key: "a", value: Number.NaN, expected: "b" }]), /a is NaN; expected b$/));

  it("stay on one line when what is expected repeats a name with a line break", () =>
    assert.equal(
      describeProblems("X", [{ key: "a", value: "b\n\x9b", expected: "a file; there is no b\n\x1b" }]),
      'X: 1 problem\n  a is "b\\n\\u009b"; expected a file; there is no b\\n\\u001b',
    ));

  it("cut a long value", () => {
    const [, line = ""] = describeProblems("X", [{ key: "a", value: "v".repeat(10_000), expected: "b" }]).split("\n");
    assert.equal(line, `  a is "${"v".repeat(119)}…; expected b`);
  });

  it("are printed without a stack trace", () => {
    const error = refusal("X", [{ key: "a", value: 1, expected: "b" }]);
    assert.ok(error instanceof RunError);
    assert.equal(error.message, "X: 1 problem\n  a is 1; expected b");
  });
});
