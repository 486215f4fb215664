import { UserError } from "../cli/user-error";

export const isThisMachine = ({ hostname }: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** Load on another owner's host is an attack, so a host other than this machine and the stack's needs --yes-i-own-it. */
export function refuseForeign(url: URL, stackUrl: string | undefined, owned: boolean): void {
  if (owned || isThisMachine(url)) return;
  if (stackUrl !== undefined && URL.canParse(stackUrl) && new URL(stackUrl).host === url.host) return;
  throw new UserError(
    `${url.host}: expected this machine or the host of the stack in --stack. If the host is yours, add --yes-i-own-it`,
  );
}
