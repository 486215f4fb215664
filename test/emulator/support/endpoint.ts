export const region = "us-east-1";

const answerLimitMs = 20_000;

/** Configuration for the AWS SDK clients of the tests. */
export const clientOf = (endpoint: string) => ({
  region,
  endpoint,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 3,
  requestHandler: { requestTimeout: answerLimitMs, throwOnRequestTimeout: true },
});

/** How to reach an emulated account. */
export interface EmulatorEndpoint {
  urlOf(service: string): string;
  readonly client: ReturnType<typeof clientOf>;
}

interface RawRequest {
  readonly method?: "GET" | "POST";
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The emulator accepts any signature; it reads the service from it. */
export async function sendRequest(emulator: EmulatorEndpoint, service: string, request: RawRequest): Promise<string> {
  const { method = "POST", path = "/", headers, body } = request;
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request`;
  const url = emulator.urlOf(service);
  const signal = AbortSignal.timeout(answerLimitMs);
  const response = await fetch(`${url}${path}`, { method, headers: { ...headers, authorization }, body, signal }).catch(
    (error: Error) => {
      const why = signal.aborted ? `no answer within ${answerLimitMs / 1000} s` : error.message;
      throw new Error(`${service} ${path} ${body ?? ""}: ${why}`);
    },
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} ${path} ${body ?? ""}: ${response.status} ${text}`);
  return text.replace(/<requestId>[^<]*<\/requestId>/i, "");
}
