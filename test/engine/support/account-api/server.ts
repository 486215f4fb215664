import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Account } from "../../../fakes/account";
import { isRecord } from "../../../fakes/values";
import { answerCloudWatch } from "./cloudwatch";
import { answerEcr } from "./ecr";
import { answerEcs } from "./ecs";
import { answerKubernetes } from "./kubernetes";
import { answerLoadBalancing } from "./load-balancing";
import { answerScaling } from "./scaling";

const isRefusal = (answer: unknown) => isRecord(answer) && "__type" in answer;

/** JSON APIs by the prefix of the x-amz-target header. */
const jsonApis: Readonly<Record<string, typeof answerEcs>> = {
  AmazonEC2ContainerServiceV20141113: answerEcs,
  AmazonEC2ContainerRegistry_V20150921: answerEcr,
  AnyScaleFrontendService: answerScaling,
  GraniteServiceVersion20100801: answerCloudWatch,
};

/** Serves the AWS and Kubernetes APIs that the program itself calls, from the fake account. */
export async function startAccountApi(account: Account): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { method = "", url = "" } = request;
      if (url.startsWith("/api")) {
        const { status, body: result } = answerKubernetes(account, method, url, body);
        return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(result));
      }
      const [api = "", action = ""] = String(request.headers["x-amz-target"] ?? "").split(".");
      const answer = jsonApis[api];
      response.setHeader("content-type", answer ? "application/x-amz-json-1.1" : "text/xml");
      if (!answer) return response.end(answerLoadBalancing(account, new URLSearchParams(body)));
      const result = answer(account, action, body);
      return response.writeHead(isRefusal(result) ? 400 : 200).end(JSON.stringify(result));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
