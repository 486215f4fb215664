const { createHash, createHmac } = require("node:crypto");

const hashOf = (text) => createHash("sha256").update(text).digest("hex");
const sign = (key, text) => createHmac("sha256", key).update(text).digest();

/**
 * The headers of a POST to the root of an AWS service, with Signature Version 4. Names of headers are in lower case.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function signedHeaders({ host, region, service, headers, body, now }, { AccessKeyId, SecretAccessKey, Token }) {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const sent = { ...headers, "x-amz-date": time, ...(Token && { "x-amz-security-token": Token }) };
  const signed = Object.entries({ ...sent, host }).sort(([one], [other]) => (one < other ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const canonical = ["POST", "/", "", ...signed.map((header) => header.join(":")), "", names, hashOf(body)].join("\n");
  const scope = [day, region, service, "aws4_request"];
  const key = scope.reduce((before, part) => sign(before, part), `AWS4${SecretAccessKey}`);
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), hashOf(canonical)].join("\n");
  const signature = sign(key, text).toString("hex");
  const credential = `${AccessKeyId}/${scope.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...sent, authorization };
}

module.exports = { signedHeaders };
