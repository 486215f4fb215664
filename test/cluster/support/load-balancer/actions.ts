import type { Action } from "../../../emulator/support/proxy";
import type { LoadBalancer, TargetAddress, TargetHealth } from ".";

type Form = Readonly<Record<string, string>>;
type PassOn = (instead?: object) => Promise<string>;
type FormAction = (form: Form, passOn: PassOn) => Promise<string>;

/** Calls after which the load balancer serves something else. */
const changing = [
  ...["CreateLoadBalancer", "DeleteLoadBalancer", "ModifyLoadBalancerAttributes"],
  ...["CreateListener", "ModifyListener", "DeleteListener"],
  ...["CreateRule", "ModifyRule", "DeleteRule", "SetRulePriorities"],
  ...["CreateTargetGroup", "ModifyTargetGroup", "ModifyTargetGroupAttributes", "DeleteTargetGroup"],
];

/** Actions for the proxy of elbv2: targets and their health are the load balancer's, all else is the emulator's. */
export function elbActions(balancer: LoadBalancer): Record<string, Action> {
  const withOwnName = (xml: string) => xml.replaceAll(/<DNSName>[^<]*</g, `<DNSName>${new URL(balancer.url).host}<`);
  const passAndRead: FormAction = async (_, passOn) => {
    const answer = withOwnName(await passOn());
    balancer.changed();
    return answer;
  };
  const actions: Record<string, FormAction> = {
    ...Object.fromEntries(changing.map((name) => [name, passAndRead])),
    DescribeLoadBalancers: async (_, passOn) => withOwnName(await passOn()),
    RegisterTargets: async (form, passOn) => {
      const port = await groupPort(form, passOn);
      balancer.register(form.TargetGroupArn ?? "", targetsIn(form, port));
      return answered("RegisterTargets", "");
    },
    DeregisterTargets: async (form, passOn) => {
      const port = await groupPort(form, passOn);
      balancer.deregister(form.TargetGroupArn ?? "", targetsIn(form, port));
      return answered("DeregisterTargets", "");
    },
    DescribeTargetHealth: async (form, passOn) => {
      const port = await groupPort(form, passOn);
      const health = filtered(balancer.healthOf(form.TargetGroupArn ?? ""), targetsIn(form, port));
      const members = health.map(described).join("");
      return answered("DescribeTargetHealth", `<TargetHealthDescriptions>${members}</TargetHealthDescriptions>`);
    },
  };
  return actions;
}

/** The port of targets without one. The emulator refuses a group that it does not hold. */
async function groupPort({ Version, TargetGroupArn }: Form, passOn: PassOn): Promise<number> {
  const answer = await passOn({
    Action: "DescribeTargetGroups",
    Version,
    "TargetGroupArns.member.1": TargetGroupArn,
  });
  return Number(/<Port>(\d+)</.exec(answer)?.[1]);
}

function targetsIn(form: Form, groupPort: number): TargetAddress[] {
  const targets: TargetAddress[] = [];
  for (let index = 1; ; index++) {
    const ip = form[`Targets.member.${index}.Id`];
    if (ip === undefined) return targets;
    targets.push({ ip, port: Number(form[`Targets.member.${index}.Port`] ?? groupPort) });
  }
}

function filtered(health: readonly TargetHealth[], asked: readonly TargetAddress[]): readonly TargetHealth[] {
  if (asked.length === 0) return health;
  return asked.map(
    (address) =>
      health.find(({ ip, port }) => ip === address.ip && port === address.port) ?? {
        ...address,
        state: "unused",
        reason: "Target.NotRegistered",
        description: "Target is not registered to the target group",
      },
  );
}

const element = (name: string, text?: string) => (text === undefined ? "" : `<${name}>${text}</${name}>`);

function described({ ip, port, state, reason, description }: TargetHealth): string {
  const target = `<Target><Id>${ip}</Id><Port>${port}</Port></Target><HealthCheckPort>${port}</HealthCheckPort>`;
  const health = element("State", state) + element("Reason", reason) + element("Description", description);
  return `<member>${target}<TargetHealth>${health}</TargetHealth></member>`;
}

const answered = (action: string, result: string) =>
  `<${action}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><${action}Result>${result}</${action}Result></${action}Response>`;
