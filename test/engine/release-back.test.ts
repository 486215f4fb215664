import assert from "node:assert/strict";
import { longCaseOf } from "../support/long-case";
import { fireAlarms } from "./support/account-api/cloudwatch";
import { describeReleases } from "./support/describe-releases";
import { deployment, service } from "./support/flips";
import { image, type Releases, type Weights } from "./support/releases";
import { succeeds } from "./support/succeeds";

const longCase = longCaseOf("npx mocha test/engine/release-back.test.ts");
const at = (blue: number) => ({ blue: { target: "ecs", weight: blue }, green: { target: "ecs", weight: 100 - blue } });

describeReleases("npm run release --back after a release that ended", {}, (releases) => {
  const declare = async (keys: Record<string, unknown>) => {
    releases().sandbox.configure("dev", keys);
    succeeds(await releases().sandbox.up());
    return releases().file();
  };
  const run = async (...args: string[]) => succeeds(await releases().run(...args)).output;
  const isAs = async (file: string, weights: Weights) => {
    assert.equal(releases().file(), file);
    assert.deepEqual(releases().weights(), weights);
    succeeds(await releases().sandbox.up("--expect-no-changes"));
  };

  describe("to a platform", () => {
    longCase("every byte of the stack file is back, also of one that leaves the target out", async () => {
      const file = releases().file();
      assert.doesNotMatch(file, /target/);
      await run("--to-target", "eks", "--steps", "100");
      assert.match(releases().file(), /\n {2}inference:target: eks\n/);
      assert.match(await run("--back"), /Stack dev: release target ecs\n {2}now eks 100 %/);
      await isAs(file, { ecs: 100 });
      assert.deepEqual(releases().sandbox.account.of(deployment), [], "EKS is gone");
    });

    longCase("a second --back moves to the platform that was left", async () => {
      const file = releases().file();
      assert.match(await run("--back", "--dry-run"), /Stack dev: release target eks\n {2}now ecs 100 %/);
      await isAs(file, { ecs: 100 });
    });
  });

  describe("to a variant", () => {
    let file: string;

    longCase("every byte of the stack file is back, and a second --back gives green the traffic again", async () => {
      file = await declare({ "inference:target": "variants", "inference:variants": at(100) });
      await run("--to", "green", "--steps", "100");
      const onGreen = releases().file();
      assert.notEqual(onGreen, file);
      await run("--back", "--steps", "100");
      await isAs(file, { blue: 100, green: 0 });
      await run("--back");
      await isAs(onGreen, { blue: 0, green: 100 });
      await run("--back");
      await isAs(file, { blue: 100, green: 0 });
    });

    longCase("killed in its first step, it goes on, and it goes back", async () => {
      const args = ["--to", "green", "--steps", "50,100"];
      const kill = async () => {
        await releases().killWhere("half of the traffic", (entry) => releases().weightsOf(entry)?.green === 50, args);
        await releases().unlock();
        assert.notEqual(releases().file(), file);
      };
      await kill();
      assert.match(await run("--back"), /back from the unfinished release of variant green, to blue 100 %, green 0 %/);
      await isAs(file, { blue: 100, green: 0 });
      await kill();
      assert.match(
        await run(...args),
        /go on with variant green\n {2}now blue 50 %, green 50 %; before the release blue 100 %, green 0 %/,
      );
      await run("--back");
      await isAs(file, { blue: 100, green: 0 });
    });

    longCase("a variant whose alarm fires gets no traffic", async () => {
      const { sandbox } = releases();
      fireAlarms(sandbox.account, "green-failing");
      const { code, output } = await releases().run("--to", "green");
      fireAlarms(sandbox.account);
      assert.equal(code, 1, output);
      assert.match(
        output,
        /green cannot take traffic: alarm inference-green-failing-\w+ fires\. Nothing was changed\./,
      );
      await isAs(file, { blue: 100, green: 0 });
    });
  });

  describe("of an image", () => {
    longCase("killed in its only update, --back goes on to the same image", async () => {
      await declare({ "inference:target": undefined, "inference:variants": undefined });
      const newer = await declare({ "inference:image": image("b") });
      const changed = (releases: Releases) =>
        releases.sandbox.account.of(service).some(({ inputs }) => JSON.stringify(inputs).includes("a".repeat(64)));
      releases().sandbox.inject({ name: "inference-ecs", type: service, op: "update", does: "hang" });
      await releases().killWhere(
        "the service",
        ({ op, urn }) => op === "update" && urn.endsWith(`${service}::inference-ecs`),
        ["--back"],
      );
      await releases().unlock();
      assert.equal(changed(releases()), false);
      const older = newer.replace(image("b"), image("a"));
      assert.equal(releases().file(), older);
      assert.match(await run("--back"), /Stack dev: release ghcr\.io\/team\/model@sha256:a+\n.*b{64}\n/);
      await isAs(older, { ecs: 100 });
      await run("--back");
      await isAs(newer, { ecs: 100 });
    });

    longCase(
      "a stack file with quotes, comments, braces and the line ends of Windows differs in the image alone",
      async () => {
        const { sandbox } = releases();
        const all = releases().file().trimEnd().split("\n");
        const isOurs = (line: string) => /^ {2}inference:(target|image|variants):/.test(line);
        const isSalt = (line: string) => line.startsWith("encryptionsalt:");
        const odd = [
          "# Ours",
          ...all.filter(isSalt),
          ...all.filter((line) => !isOurs(line) && !isSalt(line)),
          `  "inference:target": 'ecs' # for now`,
          "  inference:weights: { ecs: 90, eks: 10 } # if both",
          "  # model 7",
          `  'inference:image': "${image("a")}" # pinned`,
        ].join("\r\n");
        releases().write(odd);
        succeeds(await sandbox.up());
        await run("--to", image("c"), "--steps", "100");
        await isAs(odd.replace(image("a"), image("c")), { ecs: 100 });
        await run("--back");
        await isAs(odd, { ecs: 100 });
      },
    );

    longCase("variants in braces differ in the weights alone", async () => {
      const { sandbox } = releases();
      const braces = `{ "blue": { target: ecs, weight: 100 }, green: {target: 'ecs', weight: 0} } # two`;
      const odd = releases()
        .file()
        .replace("'ecs' # for now", `'variants' # for now\r\n  inference:variants: ${braces}`);
      releases().write(odd);
      succeeds(await sandbox.up());
      await run("--to", "green", "--steps", "100");
      await isAs(odd.replace("weight: 100", "weight: 0").replace("weight: 0}", "weight: 100}"), {
        blue: 0,
        green: 100,
      });
      await run("--back");
      await isAs(odd, { blue: 100, green: 0 });
    });
  });
});
