import {
  type Action,
  ElasticLoadBalancingV2Client,
  type RuleCondition,
  type TargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";

export interface FakeGroup extends TargetGroup {
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface FakeRule {
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly action: Action;
}

/** What the ELB API holds: one load balancer with one HTTP listener, unless a test takes them away. */
export class FakeElbApi {
  present = true;
  attributes: Record<string, string> = {};
  defaultAction: Action = fixed(404, "nothing here");
  rules: FakeRule[] = [];
  groups: Record<string, FakeGroup> = {};
  /** Number of calls that the load balancer made. */
  calls = 0;
  /** Refuses all calls. */
  failing = false;
  /** Called once the rules were read, before they are answered. */
  rulesRead = () => {};
  /** Waits before it answers. */
  delayMs = 0;

  readonly client = this.connect();

  private connect(): ElasticLoadBalancingV2Client {
    const client = new ElasticLoadBalancingV2Client({ region: "us-east-1" });
    const answer = this.answer.bind(this);
    client.middlewareStack.add(
      (_next, { commandName = "" }) =>
        async ({ input }) => ({ response: {}, output: { $metadata: {}, ...(await answer(commandName, input)) } }),
      { step: "initialize", priority: "high" },
    );
    return client;
  }

  private async answer(command: string, input: object): Promise<object> {
    this.calls += 1;
    if (this.failing) throw new Error("out of order");
    const answer = structuredClone(this.held(command, input));
    if (command === "DescribeRulesCommand") this.rulesRead();
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    return answer;
  }

  private held(command: string, input: object): object {
    switch (command) {
      case "DescribeLoadBalancersCommand":
        return { LoadBalancers: this.present ? [{ LoadBalancerArn: "balancer" }] : [] };
      case "DescribeLoadBalancerAttributesCommand":
        return { Attributes: pairs(this.attributes) };
      case "DescribeListenersCommand":
        return { Listeners: [{ ListenerArn: "listener", Protocol: "HTTP", Port: 80 }] };
      case "DescribeRulesCommand":
        return { Rules: this.describedRules() };
      case "DescribeTargetGroupsCommand":
        return { TargetGroups: Object.entries(this.groups).map(([arn, group]) => ({ TargetGroupArn: arn, ...group })) };
      case "DescribeTargetGroupAttributesCommand":
        return {
          Attributes: pairs(
            this.groups["TargetGroupArn" in input ? String(input.TargetGroupArn) : ""]?.attributes ?? {},
          ),
        };
      default:
        throw new Error(`the fake ELB API has no ${command}`);
    }
  }

  private describedRules() {
    const rules = this.rules.map(({ priority, conditions, action }) => ({
      Priority: String(priority),
      Conditions: conditions,
      Actions: [action],
    }));
    return [{ IsDefault: true, Priority: "default", Actions: [this.defaultAction] }, ...rules];
  }
}

const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([Key, Value]) => ({ Key, Value }));

export const fixed = (status: number, body = ""): Action => ({
  Type: "fixed-response",
  FixedResponseConfig: { StatusCode: String(status), ContentType: "text/plain", MessageBody: body },
});

export const forwardTo = (weights: Readonly<Record<string, number>>): Action => ({
  Type: "forward",
  ForwardConfig: {
    TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
  },
});

export const onPath = (...Values: string[]): RuleCondition => ({
  Field: "path-pattern",
  PathPatternConfig: { Values },
});
export const onHost = (...Values: string[]): RuleCondition => ({ Field: "host-header", HostHeaderConfig: { Values } });
export const onMethod = (...Values: string[]): RuleCondition => ({
  Field: "http-request-method",
  HttpRequestMethodConfig: { Values },
});
export const onHeader = (HttpHeaderName: string, ...Values: string[]): RuleCondition => ({
  Field: "http-header",
  HttpHeaderConfig: { HttpHeaderName, Values },
});
