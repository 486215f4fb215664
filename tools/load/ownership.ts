import { UserError } from "../cli/user-error";

export const isThisMachine = ({ hostname }: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** Load on somebody else's host is an attack: it takes this machine, the named stack's own url, or a word of the person. */
export function refuseForeign(url: URL, stackUrl: string | undefined, owned: boolean): void {
  if (owned || isThisMachine(url)) return;
  if (stackUrl !== undefined && URL.canParse(stackUrl) && new URL(stackUrl).host === url.host) return;
  throw new UserError(
    `${url.host} is neither this machine nor the url of the stack named by --stack: add --yes-i-own-it when it is yours to load`,
  );
}
