import assert from "node:assert/strict";
import { parseApiKeys } from "../../../../app/src/http/api-keys";
import { runPreflight } from "../../../../components/preflight";
import { keyListFault } from "../../../../components/preflight/key-list";
import { offlineCloud } from "../../../../tools/offline/cloud";
import { deployed } from "../../support/mock-cloud";
import { settingsOf } from "../../support/settings";

const hash = "0123456789abcdef".repeat(4);
const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-AbCdEf";
const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/keys";

interface Told {
  readonly refusal?: string;
  readonly warnings: readonly string[];
  readonly asked: readonly Readonly<Record<string, unknown>>[];
}

/** What a person is told in an account whose secret answers so. */
async function told(apiKeys: string, answer: () => string): Promise<Told> {
  const asked: Record<string, unknown>[] = [];
  const offline = offlineCloud("eu-west-1");
  let refusal: string | undefined;
  const said = await deployed(
    async () => {
      await runPreflight(settingsOf({ apiKeys, internal: true }), { assumeRoles: [], endpoints: {} }).catch(
        (error: Error) => {
          refusal = error.message;
        },
      );
    },
    {
      ...offline,
      call(args) {
        if (!/getSecretVersion|getParameter/.test(args.token)) return offline.call(args);
        asked.push(args.inputs);
        return { secretString: answer(), value: answer() };
      },
    },
  );
  const warnings = said.said("warning");
  return { refusal, warnings, asked };
}

const failing = (details: string) => (): never => {
  throw Object.assign(new Error(details), { details });
};

const fit = [`{"mobile":"${hash}"}`, `{"a.b-c_D":"${hash.toUpperCase()}","next":"${hash}"}`];
const unfit = [
  "",
  "{}",
  "[]",
  "null",
  "not JSON",
  `"${hash}"`,
  `["${hash}"]`,
  `{"mobile":"${hash.slice(1)}"}`,
  `{"mobile":"${hash}","other":1}`,
  `{"":"${hash}"}`,
  `{"two words":"${hash}"}`,
];

describe("keyListProblems", () => {
  it("accepts and refuses the same lists as the container", () => {
    for (const text of fit)
      assert.deepEqual(
        [text, keyListFault(text), parseApiKeys(text)?.size],
        [text, undefined, Object.keys(JSON.parse(text)).length],
      );
    for (const text of unfit) {
      assert.equal(parseApiKeys(text), undefined, text);
      assert.ok(keyListFault(text), text);
    }
  });

  it("reports nothing for a valid list", async () => {
    const { refusal, warnings } = await told(arn, () => fit[0] ?? "");
    assert.deepEqual([refusal, warnings], [undefined, []]);
  });

  it("reports an empty list before the first resource", async () => {
    const { refusal } = await told(arn, () => "{}");
    assert.match(refusal ?? "", /apiKeys is "\[not shown\]"; expected a list of one key or more, as JSON/);
  });

  it("reports a malformed list without its content", async () => {
    const { refusal, warnings } = await told(arn, () => `{"mobile":"${hash}","secretName":"openSesame"}`);
    assert.match(refusal ?? "", /each with a SHA-256 in 64 hex digits; 1 of 2 are not$/);
    assert.doesNotMatch(`${refusal}${warnings}`, /openSesame|secretName|mobile|AbCdEf/);
  });

  it("reports a secret that does not exist", async () => {
    const { refusal } = await told(arn, failing("reading Secrets Manager Secret Version: couldn't find resource"));
    assert.match(refusal ?? "", /expected a secret that exists and has a value$/);
  });

  it("warns once if the deployer cannot read the secret, and continues", async () => {
    const { refusal, warnings } = await told(arn, failing("AccessDeniedException: not authorized to perform"));
    assert.equal(refusal, undefined);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^apiKeys: this secret could not be read, .* AccessDeniedException/);
  });

  it("reads the secret in the region of its ARN, and the key of it that containers get", async () => {
    const whole = await told(arn, () => fit[0] ?? "");
    assert.deepEqual(whole.asked, [{ secretId: arn, region: "eu-central-1" }]);
    const part = await told(`${arn}:keys:AWSPREVIOUS:`, () => JSON.stringify({ keys: fit[1] }));
    assert.deepEqual(part.asked, [{ secretId: arn, versionStage: "AWSPREVIOUS", region: "eu-central-1" }]);
    assert.equal(part.refusal, undefined);
    const missing = await told(`${arn}:other::`, () => JSON.stringify({ keys: fit[1] }));
    assert.match(missing.refusal ?? "", /expected a list of one key or more/);
  });

  it("reads an SSM parameter", async () => {
    const { refusal, asked } = await told(parameter, () => "{}");
    assert.deepEqual(asked, [{ name: parameter, withDecryption: true, region: "eu-west-1" }]);
    assert.match(refusal ?? "", /expected a list of one key or more/);
  });

  it("reads nothing without apiKeys", async () => assert.deepEqual((await told("none", failing("asked"))).asked, []));
});
