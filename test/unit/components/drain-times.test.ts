import assert from "node:assert/strict";
import { ecsContainer } from "../../support/parity/ecs";
import { podSpec } from "../../support/parity/eks";
import { type Find, finder } from "../../support/parity/received";
import { everything } from "../../support/parity/stacks";
import { declaredStack } from "../support/mock-cloud";

/** Between the notice and the kill: docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html */
const spotNoticeSeconds = 120;
/** The longest that Fargate takes: docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const longestStopTimeout = 120;
/** What the server gives a request that comes at the last moment: 30 s for its body, 5 s for its answer. */
const lastRequestSeconds = 35;

describe("Drain times", () => {
  let find: Find;
  before(async function () {
    this.timeout(60_000);
    const plan = await declaredStack("dev", everything);
    find = finder((type) => plan.all(type));
  });
  const variable = (name: string) =>
    Number(ecsContainer(find).environment.find((variable) => variable.name === name)?.value);
  const group = () => find("aws:lb/targetGroup:TargetGroup", "inference-ecs");

  it("let a task serve requests after SIGTERM until the load balancer has seen /ready fail", () => {
    const { interval, timeout, unhealthyThreshold } = group().healthCheck as Record<string, number>;
    const noticed = Number(interval) * Number(unhealthyThreshold) + Number(timeout);
    assert.ok(variable("LINGER_SECONDS") >= noticed, `${variable("LINGER_SECONDS")} s, noticed after ${noticed}`);
  });

  it("leave the last request time for its upload and response before the server exits", () =>
    assert.ok(variable("DRAIN_SECONDS") >= variable("LINGER_SECONDS") + lastRequestSeconds));

  it("let the server exit by itself before the platform kills it", () => {
    const { stopTimeout } = ecsContainer(find);
    assert.ok(stopTimeout > variable("DRAIN_SECONDS"));
    assert.ok(stopTimeout <= longestStopTimeout);
  });

  it("fit into the notice of Spot on both platforms", () => {
    const { terminationGracePeriodSeconds, containers } = podSpec(find);
    assert.ok(ecsContainer(find).stopTimeout <= spotNoticeSeconds);
    assert.ok(terminationGracePeriodSeconds <= spotNoticeSeconds);
    const sleep = Number(containers[0]?.lifecycle.preStop.sleep.seconds);
    assert.ok(terminationGracePeriodSeconds >= sleep + ecsContainer(find).stopTimeout);
  });

  it("leave the load balancer the whole deregistration delay before a pod gets SIGTERM", () => {
    const sleep = Number(podSpec(find).containers[0]?.lifecycle.preStop.sleep.seconds);
    assert.ok(sleep >= Number(group().deregistrationDelay));
    assert.ok(Number(group().deregistrationDelay) < spotNoticeSeconds);
  });
});
