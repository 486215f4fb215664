import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Account, Held } from "../../standins/account";
import { lastPart } from "../../standins/aws-shapes";
import { recordsIn } from "../../standins/values";

const services = (account: Account) => account.of("aws:ecs/service:Service");

/** A service as ECS describes it: after a failed deployment it runs what it ran before. */
function describeService({ id, inputs, failure }: Held) {
  const { desiredCount = 1, taskDefinition, name } = inputs;
  const neverRan = failure?.op === "create";
  const runningCount = neverRan ? 0 : desiredCount;
  return {
    serviceArn: id,
    serviceName: name,
    status: "ACTIVE",
    taskDefinition,
    desiredCount,
    runningCount,
    events: failure ? [{ id: "1", createdAt: 0, message: failure.reason }].filter(({ message }) => message !== "") : [],
    deployments: [{ status: "PRIMARY", taskDefinition, rolloutState: neverRan ? "FAILED" : "COMPLETED" }],
  };
}

function answerEcs(account: Account, action: string, body: string): unknown {
  if (action !== "DescribeServices") return { taskArns: [] };
  const { cluster, services: names } = JSON.parse(body) as { cluster: string; services: string[] };
  const found = services(account).filter(
    ({ inputs }) => lastPart(inputs.cluster) === lastPart(cluster) && names.includes(String(inputs.name)),
  );
  return { services: found.map(describeService), failures: [] };
}

function answerLoadBalancing(account: Account, form: URLSearchParams): string {
  const group = form.get("TargetGroupArn");
  const behind = services(account).filter(({ inputs, failure }) =>
    recordsIn(inputs.loadBalancers).some(({ targetGroupArn }) => targetGroupArn === group && failure?.op !== "create"),
  );
  const healthy = behind.reduce((sum, { inputs }) => sum + Number(inputs.desiredCount ?? 1), 0);
  const member = "<member><TargetHealth><State>healthy</State></TargetHealth></member>".repeat(healthy);
  const result = `<TargetHealthDescriptions>${member}</TargetHealthDescriptions>`;
  return `<DescribeTargetHealthResponse><DescribeTargetHealthResult>${result}</DescribeTargetHealthResult></DescribeTargetHealthResponse>`;
}

/** The two AWS APIs that the program itself asks, answered from the pretended account. */
export async function startAwsApi(account: Account): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const target = request.headers["x-amz-target"];
      const isEcs = typeof target === "string";
      response.setHeader("content-type", isEcs ? "application/x-amz-json-1.1" : "text/xml");
      const ecsAnswer = isEcs ? answerEcs(account, target.split(".").pop() ?? "", body) : undefined;
      response.end(isEcs ? JSON.stringify(ecsAnswer) : answerLoadBalancing(account, new URLSearchParams(body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
