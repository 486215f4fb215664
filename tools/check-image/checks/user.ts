import { attempt, seen } from "../attempt";
import type { Check, Context, Server } from "../context";
import { type Finding, notChecked, ok, warning } from "../finding";
import { procFile } from "../listeners";

const usualUser = { uid: 1000, gid: 1000 };

/** Kubernetes' standard "restricted" admits only pods that name a user by number (https://kubernetes.io/docs/concepts/security/pod-security-standards/). */
const enforced = 'EKS then enforces the standard "restricted".';

export const user: Check = {
  name: "user",
  needsServer: true,
  async run(context) {
    const { spec, server, image } = context;
    if (spec.user && spec.user.uid !== 0)
      return [ok(`It runs as ${written(spec.user)}, as set. EKS enforces the standard "restricted".`)];
    const own = identityIn((await procFile(server.container, "status")) ?? "");
    if (own === undefined) return [notChecked("The user that it runs as cannot be read.")];
    return own.uid === 0 ? [await asOther(context)] : [await byNumber(context, own, image.user)];
  },
};

type Running = Context & { readonly server: Server };

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

const written = ({ uid, gid }: Identity) => `${uid}:${gid}`;

async function asOther(context: Running): Promise<Finding> {
  const set = { user: written(usualUser) };
  const text = 'It runs as root, so EKS enforces only the standard "baseline".';
  const tried = await attempt(context, `Starting as user ${set.user}`, set);
  if (!tried.works) return warning(`${text} As ${set.user} it does not work: ${tried.reason}`);
  context.adopted = { ...context.adopted, ...set };
  return warning(`${text} As ${set.user} ${seen(context)}.`, { "container.user": set.user });
}

async function byNumber(context: Running, own: Identity, name: string): Promise<Finding> {
  const set = { user: written(own) };
  const named = name === "" || /^\d+(:\d+)?$/.test(name) ? "" : ` ("${name}")`;
  const text = `It runs as the image's user ${set.user}${named}.`;
  const tried = await attempt(context, `Starting as user ${set.user}`, set);
  if (!tried.works) return ok(`${text} With that number set it does not work: ${tried.reason}`);
  context.adopted = { ...context.adopted, ...set };
  return ok(`${text} With the number set ${seen(context)}. ${enforced}`, { "container.user": set.user });
}

/** From /proc/<pid>/status: the second number is the effective one. */
export function identityIn(status: string): Identity | undefined {
  const [uid, gid] = ["Uid", "Gid"].map((name) => new RegExp(`^${name}:\\s+\\d+\\s+(\\d+)`, "m").exec(status)?.[1]);
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
